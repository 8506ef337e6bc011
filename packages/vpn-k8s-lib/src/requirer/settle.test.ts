import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CharmPorts } from '@vpn-k8s/charm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prove, type Seen } from '../proof.ts';
import type { Outcome } from './apply.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import type { Facts } from './gather.ts';
import { settle } from './settle.ts';
import { after, facts, gatewayText, related, seen } from './world.testing.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settle-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const outcome: Outcome = { done: [], refused: undefined, patched: false };
const ports = (): CharmPorts => ({ root }) as unknown as CharmPorts;

function show({ alias, routes }: Seen): void {
  mkdirSync(join(root, 'proc/net'), { recursive: true });
  mkdirSync(join(root, 'sys/class/net/vxlan0'), { recursive: true });
  writeFileSync(join(root, 'proc/net/route'), routes ?? '');
  writeFileSync(join(root, 'sys/class/net/vxlan0/ifalias'), alias ?? '');
}

/** A patched pod that started so many milliseconds ago and is locked, but not routed. */
function started(ago: number, change: Record<string, unknown> = {}): { before: Facts; hash: string } {
  const first = facts({ related: related(gatewayText(change)) });
  const want = desired(first);
  const next = after(first, diff(first, want));
  const startTime = new Date(Date.now() - ago).toISOString();
  const pod = { ...next.live.pod, status: { ...next.live.pod!.status, startTime } };
  const hash = want.hash as string;
  return { before: { ...next, live: { ...next.live, pod }, proof: prove(seen.outage(hash)) }, hash };
}

test('a route that comes up while the hook waits is seen in that hook', async () => {
  const { before, hash } = started(2_000);
  show(seen.outage(hash));
  setTimeout(() => show(seen.routed(hash)), 250);
  expect((await settle(ports(), before, desired(before), outcome)).proof.routed).toBe(true);
});

test.each([
  ['an old pod', started(120_000), outcome],
  ['a gateway that is not connected', started(2_000, { vpn_connected: false }), outcome],
  ['a refused write', started(2_000), { ...outcome, refused: 'no' }],
])('%s is not waited for', async (_, { before, hash }, reached) => {
  show(seen.routed(hash));
  expect(await settle(ports(), before, desired(before), reached)).toBe(before);
});
