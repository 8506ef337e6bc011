/**
 * @module Makes sure that a charm that waits is woken by its Pebble checks, and not by the next update-status.
 *
 * A check that nobody has looked at yet counts as up. If what it looks for comes true before it was ever down, nothing
 * changes, no hook runs, and the charm waits for five minutes. So a waiting charm looks at once, until the check is down.
 */

import { type CheckInfo, type Pebble, PebbleError, PebbleUnreachable } from '@vpn-k8s/pebble';
import type { CharmPorts, Wake } from './charm.ts';

/**
 * Brings every check that does not hold down, so that its coming up runs a hook.
 * @returns true when all of them hold now: what the charm waited for may just have come, and it should look again
 */
export async function arm(wakes: readonly Wake[], ports: CharmPorts): Promise<boolean> {
  const held = await Promise.all(wakes.map(({ container, check }) => holds(ports.pebble(container), check)));
  return held.length > 0 && held.every(Boolean);
}

async function holds(pebble: Pebble, name: string): Promise<boolean> {
  try {
    const [check] = await pebble.checks({ names: [name] });
    return check?.status === 'up' && (await look(pebble, check));
  } catch (error) {
    if (error instanceof PebbleUnreachable || error instanceof PebbleError) return false;
    throw error;
  }
}

async function look(pebble: Pebble, { name, threshold }: CheckInfo): Promise<boolean> {
  for (let n = 0; n < threshold; n++) {
    const { info, error } = await pebble.refreshCheck(name);
    if (error === undefined) return true;
    if (info.status !== 'up') return false;
  }
  return false;
}
