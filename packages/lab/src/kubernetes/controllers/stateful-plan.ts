/**
 * @module What a StatefulSet needs done next, and its status. Pure; the rules are those of Kubernetes'
 * pkg/controller/statefulset/stateful_set_control.go (updateStatefulSet).
 */

import type { StatefulSet, StatefulSetStatus } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { ordinalOf } from './stateful-pod.ts';

/** One thing to do. */
export type PlanStep =
  | { readonly kind: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly kind: 'delete'; readonly pod: Pod; readonly why: 'scale' | 'update' | 'failed' };

/** Names of the two revisions of a roll-out: the one it comes from and the one it goes to. */
export interface Revisions {
  readonly current: string;
  readonly update: string;
}

/** The next steps for a set with these pods of its own. */
export function statefulPlan(set: StatefulSet, pods: readonly Pod[], revisions: Revisions): PlanStep[] {
  if (set.metadata?.deletionTimestamp) return [];
  const { wanted, condemned } = byOrdinal(set, pods);
  const oneByOne = set.spec?.podManagementPolicy !== 'Parallel';
  const steps: PlanStep[] = [];
  for (const [ordinal, pod] of wanted.entries()) {
    const step = replicaStep(set, pod, ordinal, revisions);
    if (step) steps.push(step);
    if (oneByOne && (step || !isHealthy(pod))) return steps;
  }
  for (const pod of condemned) {
    if (!isTerminating(pod)) steps.push({ kind: 'delete', pod, why: 'scale' });
    if (oneByOne) return steps;
  }
  return [...steps, ...updateSteps(set, wanted, revisions)];
}

function byOrdinal(set: StatefulSet, pods: readonly Pod[]) {
  const replicas = set.spec?.replicas ?? 1;
  const find = (ordinal: number) => pods.find((pod) => ordinalOf(set, pod) === ordinal);
  const wanted = Array.from({ length: replicas }, (_, ordinal) => find(ordinal));
  const condemned = pods
    .filter((pod) => (ordinalOf(set, pod) ?? -1) >= replicas)
    .sort((a, b) => (ordinalOf(set, b) as number) - (ordinalOf(set, a) as number));
  return { wanted, condemned };
}

function replicaStep(
  set: StatefulSet,
  pod: Pod | undefined,
  ordinal: number,
  revisions: Revisions,
): PlanStep | undefined {
  if (!pod) return { kind: 'create', ordinal, revision: revisionFor(set, ordinal, revisions) };
  const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return ended && !isTerminating(pod) ? { kind: 'delete', pod, why: 'failed' } : undefined;
}

/** A missing pod below the partition comes back in the old revision. */
function revisionFor(set: StatefulSet, ordinal: number, revisions: Revisions): string {
  const strategy = set.spec?.updateStrategy;
  if (strategy?.type === 'OnDelete') return revisions.update;
  const old = strategy?.rollingUpdate ? (strategy.rollingUpdate.partition ?? 0) : (set.status?.currentReplicas ?? 0);
  return ordinal < old ? revisions.current : revisions.update;
}

/** Highest ordinal first; a pod that has the new revision must be healthy before the next one goes. */
function updateSteps(set: StatefulSet, wanted: readonly (Pod | undefined)[], revisions: Revisions): PlanStep[] {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return [];
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let ordinal = wanted.length - 1; ordinal >= partition; ordinal -= 1) {
    const pod = wanted[ordinal];
    if (pod && revisionOfPod(pod) !== revisions.update && !isTerminating(pod)) {
      return [{ kind: 'delete', pod, why: 'update' }];
    }
    if (!isHealthy(pod)) return [];
  }
  return [];
}

/** The status of a set, with the revisions as they stand after it; counts of 0 that the API leaves out are undefined. */
export function statefulStatus(set: StatefulSet, pods: readonly Pod[], revisions: Revisions): StatefulSetStatus {
  const ready = pods.filter((pod) => isReady(pod)).length;
  const present = pods.filter((pod) => !isTerminating(pod));
  const updated = present.filter((pod) => revisionOfPod(pod) === revisions.update).length;
  const current = present.filter((pod) => revisionOfPod(pod) === revisions.current).length;
  const replicas = set.spec?.replicas ?? 1;
  const done = updated === replicas && ready === replicas && pods.length === replicas;
  return {
    observedGeneration: set.metadata?.generation ?? 0,
    replicas: pods.length,
    ...counted({ readyReplicas: ready, currentReplicas: done ? updated : current, updatedReplicas: updated }),
    availableReplicas: ready,
    currentRevision: done ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: 0,
  };
}

function counted<K extends string>(counts: Record<K, number>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<Record<K, number>>;
}

/** The revision that a pod's label names. */
export function revisionOfPod(pod: Pod): string | undefined {
  return pod.metadata?.labels?.['controller-revision-hash'];
}

/** Whether the pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

function isHealthy(pod: Pod | undefined): boolean {
  return pod !== undefined && isReady(pod) && !isTerminating(pod);
}
