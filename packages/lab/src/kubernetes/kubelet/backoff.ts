/** @module When a container may be started again. Pure. */

import type { Pace } from './ports.ts';
import type { ContainerRecord } from './record.ts';

/** The first restart is immediate, then the wait doubles; a run longer than twice the longest wait starts anew. */
export function afterExit(
  record: ContainerRecord,
  ranMs: number,
  now: number,
  { first, longest }: Pace['restartMs'],
): void {
  if (ranMs > 2 * longest) record.backoffMs = 0;
  record.notBefore = now + record.backoffMs;
  record.backoffMs = record.backoffMs === 0 ? first : Math.min(2 * record.backoffMs, longest);
}

/** A pull that failed waits as long as a crash, but never begins at once. */
export function afterPullFailure(record: ContainerRecord, now: number, { first, longest }: Pace['restartMs']): void {
  record.pullBackoffMs = record.pullBackoffMs === 0 ? first : Math.min(2 * record.pullBackoffMs, longest);
  record.notBefore = now + record.pullBackoffMs;
}

/** Puts a record that waits for its next start into the state that the API shows for it. */
export function showBackoff(record: ContainerRecord, pod: string): void {
  const { state, container } = record;
  if (state.terminated) {
    record.last = state.terminated;
    const wait = `back-off ${record.backoffMs / 1000}s restarting failed container=${container.name} pod=${pod}`;
    record.state = { waiting: { reason: 'CrashLoopBackOff', message: wait } };
  } else if (state.waiting?.reason === 'ErrImagePull') {
    const message = `Back-off pulling image "${container.image}"`;
    record.state = { waiting: { reason: 'ImagePullBackOff', message } };
  }
}
