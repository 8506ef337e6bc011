/** @module Writes, in the order of the changes; the first failure ends it. */
import type { CharmPorts } from '@vpn-k8s/charm';
import { relationSet, statusSet } from '@vpn-k8s/juju';
import { type Change, changeText, refusalOf, writeToCluster } from './changes.ts';
import { CONFIG_KEY } from './relation/write.ts';

/** Status while the StatefulSet is patched: the pod goes, and comes back with our containers or without them. */
const PATCHED = 'the pod is replaced once, for the VPN';

/** What was reached. */
export interface Outcome {
  /** Lines of what was written. */
  readonly done: readonly string[];
  /** Why the rest was not, when a person must act. */
  readonly refused: string | undefined;
  /** The StatefulSet was patched: this pod is about to be replaced. */
  readonly patched: boolean;
}

/**
 * Writes the changes in their order.
 * @throws ApiError for failures that go away by themselves, so that Juju runs the hook again
 */
export async function apply(ports: CharmPorts, changes: readonly Change[]): Promise<Outcome> {
  const done: string[] = [];
  for (const change of changes) {
    try {
      await write(ports, change);
    } catch (error) {
      const refused = refusalOf(error, ports.context.application);
      if (refused === undefined) throw error;
      return { done, refused, patched: false };
    }
    done.push(changeText(change));
    ports.log.info(changeText(change));
  }
  return { done, refused: undefined, patched: changes.some(({ kind }) => kind === 'patch') };
}

async function write(ports: CharmPorts, change: Change): Promise<void> {
  if (change.kind === 'publish') return relationSet(change.relationId, { [CONFIG_KEY]: change.text }, { app: true });
  // Why before and not after: the patch ends this pod, and with it this hook.
  if (change.kind === 'patch') statusSet('maintenance', PATCHED);
  await writeToCluster(change, await ports.kube(), ports.context.model.name);
}
