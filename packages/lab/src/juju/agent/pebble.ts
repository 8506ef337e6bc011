/** @module Watches the Pebbles of the workload containers: pebble-ready by boot id, notices and checks by long poll. */

import { type Notice, Pebble } from '@vpn-k8s/pebble';
import type { HookInfo } from '../uniter/hook.ts';

/** Told of each event of a workload. */
export type Tell = (event: HookInfo) => void;

const LONG_POLL_MS = 30_000;
const UNREACHABLE_MS = 1000;

/** Starts watching; source: uniter/pebblepoller.go and pebblenotices.go of Juju 4.0 (poll every 5 s there). */
export function watchWorkloads(containers: readonly string[], pollMs: number, tell: Tell): void {
  for (const container of containers) {
    const pebble = new Pebble(`/charm/containers/${container}/pebble.socket`);
    void watchBoot(container, pebble, pollMs, tell);
    void watchNotices(container, pebble, tell);
  }
}

async function watchBoot(container: string, pebble: Pebble, pollMs: number, tell: Tell): Promise<void> {
  let seen: string | undefined;
  for (;;) {
    const info = await pebble.systemInfo().catch(() => undefined);
    const bootId = info && (info as { bootId: string }).bootId;
    if (bootId !== undefined && bootId !== seen) {
      seen = bootId;
      tell({ name: `${container}-pebble-ready`, workload: { container } });
    }
    await pause(pollMs);
  }
}

async function watchNotices(container: string, pebble: Pebble, tell: Tell): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const notices = await pebble
      .notices({ users: 'all', timeoutMs: LONG_POLL_MS, ...(after === undefined ? {} : { after }) })
      .catch(() => undefined);
    if (!notices) await pause(UNREACHABLE_MS);
    for (const notice of notices ?? []) {
      after = notice['last-repeated'];
      const event = await eventOf(container, pebble, notice).catch(() => undefined);
      if (event) tell(event);
    }
  }
}

async function eventOf(container: string, pebble: Pebble, notice: Notice): Promise<HookInfo | undefined> {
  const { id, type, key } = notice;
  if (type === 'custom')
    return { name: `${container}-pebble-custom-notice`, workload: { container, notice: { id, type, key } } };
  const kind = notice['last-data']?.kind;
  if (type !== 'change-update' || (kind !== 'perform-check' && kind !== 'recover-check')) return undefined;
  const change = await pebble.change(key);
  const check = notice['last-data']?.['check-name'] ?? '';
  if (kind === 'perform-check' && change.status === 'Error')
    return { name: `${container}-pebble-check-failed`, workload: { container, check } };
  if (kind === 'recover-check' && change.status === 'Done')
    return { name: `${container}-pebble-check-recovered`, workload: { container, check } };
  return undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
