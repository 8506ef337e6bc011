/** @module Ends a pod's containers: SIGTERM, the grace period, SIGKILL; native sidecars after the others, last one first. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../runtime/container.ts';
import type { ContainerRecord } from './record.ts';

/** A running container with its record. */
export interface Running {
  readonly record: ContainerRecord;
  readonly container: Container;
}

/** Ends all; `deadline` is asked again and again, as a second deletion may shorten the grace period. */
export async function stopContainers(running: readonly Running[], deadline: () => number): Promise<void> {
  const sidecars = running.filter(({ record }) => record.role === 'sidecar').reverse();
  const others = running.filter(({ record }) => record.role !== 'sidecar');
  await Promise.all(others.map(({ container }) => stopContainer(container, deadline)));
  for (const { container } of sidecars) {
    // Why: where the others used up the grace period, the kubelet still gives a sidecar two seconds.
    const least = Date.now() + 2000;
    await stopContainer(container, () => Math.max(deadline(), least));
  }
}

/** Ends one container: SIGTERM now, SIGKILL when the deadline (milliseconds of the epoch) has passed. */
export async function stopContainer(container: Container, deadline: () => number): Promise<void> {
  let gone = false;
  const exited = container.exited.then(() => {
    gone = true;
  });
  container.signal('SIGTERM');
  while (!gone) {
    const left = deadline() - Date.now();
    if (left <= 0) break;
    await Promise.race([exited, sleep(Math.min(left, 100), undefined, { ref: false })]);
  }
  container.signal('SIGKILL');
  await exited;
}
