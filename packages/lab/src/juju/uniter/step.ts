/** @module What beginning and ending a hook changes in the model: the agent's memory, queues, retries, removal. */

import type { HookWrites } from '@vpn-k8s/charm-testing';
import { enterRelations, leaveScope, synchronizeScopes, writeBag } from '../model/relations.ts';
import { applySecretWrites, forgetConsumer } from '../model/secrets.ts';
import { applicationOf, type Model, type Unit } from '../model/state.ts';
import { noWrites } from './context.ts';
import { type HookInfo, sameHook } from './hook.ts';

/** How long Juju waits before it tries a failed hook again. Source: apiserver/facades/agent/retrystrategy. */
export interface RetryTimes {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/** Juju's own: 5 s, doubled, at most 5 min. */
export const jujuRetries: RetryTimes = { firstMs: 5000, factor: 2, longestMs: 300_000 };

/** Marks a hook as begun. Call before dispatch; the hook then is no longer due. */
export function beginHook(model: Model, unit: Unit, hook: HookInfo): void {
  const { uniter } = unit;
  if (hook.action) {
    const action = unit.actions.find((a) => a.id === hook.action?.id);
    if (action) action.state = 'running';
    return;
  }
  const retried = uniter.failed !== undefined && sameHook(uniter.failed.hook, hook);
  unit.agent = { status: 'executing', message: `running ${hook.name} hook`, data: {}, since: model.now() };
  if (hook.name === 'config-changed') acknowledgeConfig(unit, retried);
  if (uniter.queued && sameHook(uniter.queued, hook)) uniter.queued = undefined;
  uniter.workload = uniter.workload.filter((h) => h !== hook && !sameHook(h, hook));
  const told = uniter.secrets.findIndex((h) => sameHook(h, hook));
  if (told >= 0) uniter.secrets.splice(told, 1);
  if (hook.name === 'leader-elected') uniter.leaderSeen = true;
  if (hook.name === 'update-status') uniter.updateStatusDue = false;
  if (hook.name === 'upgrade-charm') uniter.upgradeDue = false;
  if (hook.name === 'install' && !retried) setStatus(model, unit, 'maintenance', 'installing charm software');
  if (hook.name === 'remove') setStatus(model, unit, 'maintenance', 'cleaning up prior to charm deletion');
  if (hook.name === 'stop') setStatus(model, unit, 'maintenance', 'stopping charm software');
  if (hook.relation) rememberRelation(model, unit, hook);
  if (hook.storage) beginStorage(unit, hook);
}

function setStatus(model: Model, unit: Unit, status: string, message: string): void {
  unit.status = { status, message, data: {}, since: model.now() };
}

/** One notice per config-changed, as the hashes of configuration and trust arrive one after the other; a later automatic try has seen both. */
function acknowledgeConfig(unit: Unit, retried: boolean): void {
  const { uniter } = unit;
  const covers = retried || !uniter.started;
  uniter.configNotices = covers ? 0 : Math.max(0, uniter.configNotices - 1);
}

function rememberRelation(model: Model, unit: Unit, { name, relation }: HookInfo): void {
  const view = unit.uniter.relations.get(relation!.id);
  if (!view) return;
  const { remoteUnit, version, remoteApplication } = relation!;
  if (remoteUnit) view.read.delete(`${relation!.id} ${remoteUnit} false`);
  if (name.endsWith('-created')) view.created = true;
  if (name.endsWith('-joined') && remoteUnit) {
    view.members.set(remoteUnit, '');
    view.changedPending = remoteUnit;
  }
  if (name.endsWith('-departed') && remoteUnit) {
    view.members.delete(remoteUnit);
    if (view.changedPending === remoteUnit) view.changedPending = undefined;
  }
  if (!name.endsWith('-changed')) return;
  if (remoteUnit) view.members.set(remoteUnit, version ?? '');
  else if (remoteApplication) view.applications.set(remoteApplication, version ?? '');
  if (view.changedPending === remoteUnit) view.changedPending = undefined;
  model.changed();
}

function beginStorage(unit: Unit, hook: HookInfo): void {
  const storage = unit.storage.find((s) => s.id === hook.storage?.id);
  if (storage) storage.state = hook.name.endsWith('-attached') ? 'attached' : 'detaching';
}

/** Ends a hook: exit 0 flushes `writes` and moves on, anything else puts the unit into error until the next try. */
export function endHook(
  model: Model,
  unit: Unit,
  hook: HookInfo,
  exit: number,
  writes: HookWrites,
  retries: RetryTimes = jujuRetries,
): void {
  if (exit !== 0) {
    failHook(model, unit, hook, retries);
    return;
  }
  if (unit.uniter.failed && sameHook(unit.uniter.failed.hook, hook)) unit.uniter.failed = undefined;
  unit.agent = { status: 'idle', message: '', data: {}, since: model.now() };
  flush(model, unit, writes);
  advance(model, unit, hook);
  synchronizeScopes(model);
  model.changed();
}

function failHook(model: Model, unit: Unit, hook: HookInfo, { firstMs, factor, longestMs }: RetryTimes): void {
  const earlier = unit.uniter.failed && sameHook(unit.uniter.failed.hook, hook) ? unit.uniter.failed.tries : 0;
  const wait = Math.min(longestMs, firstMs * factor ** earlier);
  unit.uniter.failed = { hook, tries: earlier + 1, retryAt: model.now() + wait };
  unit.agent = { status: 'error', message: `hook failed: "${hook.name}"`, data: {}, since: model.now() };
  model.changed();
}

/** A hook that something killed, or whose agent went away, is run again (Juju: ErrTerminated); nothing of it is flushed. */
export function interruptHook(model: Model, unit: Unit, hook: HookInfo): void {
  if (hook.action) {
    endAction(model, unit, hook.action.id, { exit: 1, stdout: '', stderr: 'action terminated\n' }, noWrites);
    return;
  }
  // Why: the pod is gone, and the next one begins with upgrade-charm.
  if (hook.name !== 'stop' || unit.life !== 'alive') unit.uniter.failed = { hook, tries: 0, retryAt: model.now() };
  unit.agent = { status: 'idle', message: '', data: {}, since: model.now() };
  model.changed();
}

/** Puts a hook's writes into the model. */
export function flush(model: Model, unit: Unit, writes: HookWrites): void {
  for (const { relation: id, app, settings } of writes.relationData) {
    const relation = model.relations.get(id);
    if (!relation) continue;
    if (app) writeBag(relation.applicationBags, unit.application, settings);
    else writeBag(relation.unitBags, unit.name, settings);
  }
  if (writes.state) unit.state = { ...writes.state };
  if (writes.openedPorts) unit.ports = [...writes.openedPorts];
  applySecretWrites(model, unit, writes.secrets);
}

function advance(model: Model, unit: Unit, hook: HookInfo): void {
  const { uniter } = unit;
  switch (hook.name) {
    case 'install':
      uniter.installed = true;
      enterRelations(model, unit);
      break;
    case 'upgrade-charm':
      uniter.queued = { name: 'config-changed' };
      break;
    case 'config-changed':
      if (!uniter.started) uniter.queued = { name: 'start' };
      break;
    case 'start':
      uniter.started = true;
      break;
    case 'stop':
      uniter.started = false;
      if (uniter.shutdown === 'asked') {
        uniter.shutdown = 'done';
        setStatus(model, unit, 'maintenance', '');
      }
      break;
    case 'remove':
      dropUnit(model, unit);
      break;
  }
  if (hook.storage && hook.name.endsWith('-detaching'))
    unit.storage = unit.storage.filter((s) => s.id !== hook.storage?.id);
  if (hook.relation && hook.name.endsWith('-broken')) {
    uniter.relations.delete(hook.relation.id);
    const relation = model.relations.get(hook.relation.id);
    if (relation) leaveScope(model, relation, unit.name);
  }
}

/** Takes a unit out of the model: scopes, leadership, secrets that it read. */
export function dropUnit(model: Model, unit: Unit): void {
  unit.life = 'dead';
  unit.uniter.removed = true;
  for (const relation of [...model.relations.values()])
    if (relation.inScope.has(unit.name)) leaveScope(model, relation, unit.name);
  model.units.delete(unit.name);
  const application = applicationOf(model, unit.application);
  if (application.leader === unit.name) application.leader = undefined;
  forgetConsumer(model, unit);
  model.changed();
}

/** A new pod of a unit: upgrade-charm comes first, the agent has forgotten who its remote applications are. */
export function podReplaced(model: Model, unit: Unit, pod: { uid: string; address: string; process?: string }): void {
  const { uniter } = unit;
  if (uniter.installed && unit.podUid !== '' && unit.podUid !== pod.uid) {
    uniter.upgradeDue = true;
    uniter.started = false;
    uniter.queued = undefined;
    uniter.configNotices = 0;
    uniter.workload = [];
    for (const view of uniter.relations.values()) {
      view.remoteKnown = false;
      view.read.clear();
    }
  }
  if (uniter.started && unit.podUid === pod.uid && pod.process !== unit.agentProcess) {
    // The charm container alone was started again: Juju takes that for a reboot.
    uniter.started = false;
    uniter.queued = { name: 'start' };
  }
  uniter.shutdown = 'no';
  unit.lost = false;
  unit.agentProcess = pod.process ?? '';
  unit.podUid = pod.uid;
  unit.address = pod.address;
  model.changed();
}

/** Ends an action: results are kept either way, writes only on exit 0; the unit never goes into error. */
export function endAction(
  model: Model,
  unit: Unit,
  id: number,
  output: { exit: number; stdout: string; stderr: string },
  writes: HookWrites,
): void {
  const action = unit.actions.find((a) => a.id === id);
  if (!action) return;
  unit.actions = unit.actions.filter((a) => a !== action);
  action.results = { ...action.results, 'return-code': output.exit };
  if (output.stdout) action.results = { ...action.results, stdout: output.stdout };
  if (output.stderr) action.results = { ...action.results, stderr: output.stderr };
  if (output.exit === 0) flush(model, unit, writes);
  else Object.assign(action, { state: 'failed', message: `exit status ${output.exit}` });
  if (action.state === 'running') action.state = 'completed';
  model.changed();
}
