/** @module What the kubelet remembers of each container of a pod. */

import type { Container, ContainerState, ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.js';

/** `init` runs to its end before the next one; `sidecar` is an init container with restartPolicy Always. */
export type Role = 'init' | 'sidecar' | 'main';

/** A container of a pod and where it stands, in the API's own shapes. */
export interface ContainerRecord {
  readonly role: Role;
  readonly container: Container;
  state: ContainerState;
  last?: ContainerStateTerminated;
  restarts: number;
  /** The startup probe has succeeded, or there is none and the container runs. */
  started: boolean;
  /** The readiness probe has succeeded since the start, or there is none. */
  ready: boolean;
  id?: string;
  /** Milliseconds of the epoch before which it is not started again. */
  notBefore: number;
  /** Length of the next back-off. */
  backoffMs: number;
  pullBackoffMs: number;
}

/** Records of a pod's containers in the order in which the pod lists them, init containers first. */
export function newRecords(pod: Pod): ContainerRecord[] {
  const inits = (pod.spec?.initContainers ?? []).map((container): ContainerRecord => {
    const always = (container as { restartPolicy?: string }).restartPolicy === 'Always';
    return newRecord(always ? 'sidecar' : 'init', container, 'PodInitializing');
  });
  const waiting = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  return [...inits, ...(pod.spec?.containers ?? []).map((container) => newRecord('main', container, waiting))];
}

function newRecord(role: Role, container: Container, reason: string): ContainerRecord {
  const state = { waiting: { reason } };
  return {
    role,
    container,
    state,
    restarts: 0,
    started: false,
    ready: false,
    notBefore: 0,
    backoffMs: 0,
    pullBackoffMs: 0,
  };
}

/** How the container last ended, whether it waits for its restart or not. */
export function lastEnd(record: ContainerRecord): ContainerStateTerminated | undefined {
  return record.state.terminated ?? record.last;
}
