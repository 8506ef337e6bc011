/** @module One status, one sentence, with the next command in it. */

import type { Status } from '@vpn-k8s/charm';
import type { Change } from './diff.ts';
import type { Facts } from './gather.ts';

/** The unit's status from facts, refused configuration and what this hook changed. */
export function status(facts: Facts, problems: readonly string[], changes: readonly Change[]): Status {
  const { verdict, workload } = facts;
  if (problems.length > 0) return { status: 'blocked', message: `${problems.join('; ')}` };
  if (verdict.state === 'blocked') return { status: 'blocked', message: verdict.reason };
  if (verdict.state === 'unrelated' && !verdict.mayStartWorkload) return { status: 'blocked', message: verdict.reason };
  if (!workload) return { status: 'waiting', message: 'for the container qbittorrent to start' };
  if (verdict.state === 'waiting') return { status: 'waiting', message: verdict.reason };
  const started = changes.some(({ kind }) => kind === 'start') || workload.running;
  if (!started) return { status: 'waiting', message: 'for the leader to make the web interface credentials' };
  return { status: 'active', message: verdict.reason };
}
