/** @module One status, one sentence, with the next command in it. */

import type { Status } from '@vpn-k8s/charm';
import type { Change } from './diff.ts';
import type { Facts } from './gather.ts';

/** The unit's status from facts, refused configuration, what this hook changed, and why the start failed. */
export function status(
  facts: Facts,
  problems: readonly string[],
  changes: readonly Change[],
  failure: string | undefined,
): Status {
  const { config, unit, verdict, workload } = facts;
  if (problems.length > 0) return blocked(problems.join('; '));
  if (verdict.state === 'blocked') return blocked(verdict.reason);
  if (verdict.state === 'unrelated' && !verdict.mayStartWorkload)
    return config.unsafeMode ? waiting(verdict.reason) : blocked(verdict.reason);
  if (!workload) return waiting('for the container qbittorrent to start');
  if (verdict.state === 'waiting') return waiting(verdict.reason);
  if (failure !== undefined) return blocked(`qBittorrent does not start: ${failure.replaceAll(/\s+/g, ' ')}`);
  if (changes.some(({ kind }) => kind === 'start') || workload.service === 'active')
    return { status: 'active', message: verdict.reason };
  if (workload.service === 'backoff')
    return waiting(
      `qBittorrent ends again and again: juju ssh --container qbittorrent ${unit} pebble logs qbittorrent`,
    );
  return waiting('for the credentials of the web interface, which the leader makes');
}

const blocked = (message: string): Status => ({ status: 'blocked', message: message.slice(0, 400) });
const waiting = (message: string): Status => ({ status: 'waiting', message });
