/** @module Which containers of a pod are to be started now. Pure; the rules of a kubelet's computePodActions. */

import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { type ContainerRecord, lastEnd } from './record.ts';

/** What to do with a pod that is not being deleted. */
export interface PodPlan {
  /** Containers to start, in this order. */
  readonly start: readonly ContainerRecord[];
  /** Containers that wait for the end of their back-off, which comes at the soonest at `wakeAt`. */
  readonly backingOff: readonly ContainerRecord[];
  readonly wakeAt?: number;
  readonly initialized: boolean;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
}

/** The plan for a pod at time `now` (milliseconds of the epoch). */
export function podPlan(pod: Pod, records: readonly ContainerRecord[], now: number): PodPlan {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const due: ContainerRecord[] = [];
  const inits = records.filter(({ role }) => role !== 'main');
  const mains = records.filter(({ role }) => role === 'main');
  const initialized = mains.some(hasBeenStarted) || inits.every(isPassed);
  if (initialized) {
    due.push(...inits.filter((record) => record.role === 'sidecar' && !record.state.running));
    due.push(...mains.filter((record) => !record.state.running && mayStart(record, policy)));
  } else due.push(...dueInits(inits, policy));
  const start = due.filter(({ notBefore }) => notBefore <= now);
  const backingOff = due.filter(({ notBefore }) => notBefore > now);
  const wakeAt = Math.min(...backingOff.map(({ notBefore }) => notBefore));
  const phase = podPhase(records, initialized, policy);
  return { start, backingOff, initialized, phase, ...(backingOff.length > 0 && { wakeAt }) };
}

/** Sidecars before the first unfinished container are kept running; that one itself is started. */
function dueInits(inits: readonly ContainerRecord[], policy: string): ContainerRecord[] {
  const first = inits.findIndex((record) => !isPassed(record));
  const reached = inits.slice(0, first + 1);
  return reached.filter((record) => {
    if (record.state.running) return false;
    return record.role === 'sidecar' || (!isPassed(record) && mayStart(record, policy));
  });
}

/** Whether the init containers after this one may go on. */
function isPassed(record: ContainerRecord): boolean {
  return record.role === 'sidecar' ? record.started : record.state.terminated?.exitCode === 0;
}

function hasBeenStarted(record: ContainerRecord): boolean {
  return record.state.running !== undefined || lastEnd(record) !== undefined;
}

function mayStart(record: ContainerRecord, policy: string): boolean {
  const end = lastEnd(record);
  if (!end) return true;
  if (policy === 'Never') return false;
  return end.exitCode !== 0 || (record.role === 'main' && policy === 'Always');
}

function podPhase(records: readonly ContainerRecord[], initialized: boolean, policy: string): NonNullable<PodPhase> {
  const failed = (record: ContainerRecord) => (lastEnd(record)?.exitCode ?? 0) !== 0;
  if (!initialized) {
    const hopeless = policy === 'Never' && records.some((record) => record.role === 'init' && failed(record));
    return hopeless ? 'Failed' : 'Pending';
  }
  const mains = records.filter(({ role }) => role === 'main');
  const over = mains.every((record) => !record.state.running && !mayStart(record, policy));
  if (over) return mains.some(failed) ? 'Failed' : 'Succeeded';
  // Why: a pod is Running once every container has been made, whatever became of it since.
  return mains.every(hasBeenStarted) ? 'Running' : 'Pending';
}

type PodPhase = PodStatus['phase'] & PodPlan['phase'];
