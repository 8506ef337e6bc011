/** @module Why Juju refuses what a hook wrote, although the hook itself exited 0. */

import type { HookWorld, HookWrites } from './transaction.ts';

/** Juju's default of `max-charm-state-size`, bytes. */
const largestState = 2 * 1024 * 1024;

/**
 * The reason for which the flush of a hook fails (then nothing of it is written, the unit is in error and the hook is
 * tried again), or undefined.
 */
export function flushProblem(world: HookWorld, writes: HookWrites): string | undefined {
  return storageProblem(writes) ?? leaderProblem(world, writes) ?? labelProblem(world, writes) ?? sizeProblem(writes);
}

function storageProblem(writes: HookWrites): string | undefined {
  const [first] = writes.storageAdded;
  return first && `adding storage ${JSON.stringify(first.name)}: Kubernetes units cannot get storage from a hook`;
}

function leaderProblem(world: HookWorld, writes: HookWrites): string | undefined {
  const application = writes.relationData.some((bag) => bag.app);
  return application && !world.isLeader() ? 'cannot write relation settings: this unit is not the leader' : undefined;
}

function labelProblem(world: HookWorld, writes: HookWrites): string | undefined {
  const taken = new Set(world.secretIds().map((id) => world.secretInfoGet({ id }).label));
  for (const write of writes.secrets) {
    if (write.kind !== 'add' || !write.settings.label) continue;
    if (taken.has(write.settings.label)) return `secret with label "${write.settings.label}" already exists`;
    taken.add(write.settings.label);
  }
  return undefined;
}

function sizeProblem(writes: HookWrites): string | undefined {
  const entries = Object.entries(writes.state ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > largestState ? `max allowed size (${largestState}) exceeded quota limit exceeded` : undefined;
}
