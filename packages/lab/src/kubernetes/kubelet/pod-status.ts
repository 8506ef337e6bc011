/** @module A pod's status as a kubelet writes it. Pure. */

import type { ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.js';
import type { ContainerRecord } from './record.ts';

/** What the status is made of. */
export interface StatusFacts {
  readonly phase: string;
  readonly initialized: boolean;
  readonly podIp: string | undefined;
  readonly hostIp: string;
  readonly startTime: Date;
  readonly now: Date;
  /** A refusal of the whole pod, e.g. of a sysctl. */
  readonly refusal?: { readonly reason: string; readonly message: string };
}

/** The whole status; transition times are taken over from `before` where a condition did not change. */
export function podStatus(pod: Pod, records: readonly ContainerRecord[], facts: StatusFacts): PodStatus {
  const inits = records.filter(({ role }) => role !== 'main');
  const generation = pod.metadata?.generation;
  const status: PodStatus = {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: facts.phase as NonNullable<PodStatus['phase']>,
    ...facts.refusal,
    conditions: conditions(pod, records, facts),
    hostIP: facts.hostIp,
    ...{ hostIPs: [{ ip: facts.hostIp }] },
    ...(facts.podIp && { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] }),
    startTime: apiTime(facts.startTime),
    ...(inits.length > 0 && { initContainerStatuses: inits.map(containerStatus) }),
    containerStatuses: records.filter(({ role }) => role === 'main').map(containerStatus),
    qosClass: qosClass(pod),
  };
  return status;
}

/** The time as the API prints it, to the second. */
export function apiTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function containerStatus(record: ContainerRecord): ContainerStatus {
  const { container, state, last, id } = record;
  return {
    name: container.name,
    ...(id && { containerID: `lab://${id}` }),
    image: container.image ?? '',
    imageID: id ? `lab://${container.image}` : '',
    state,
    lastState: last ? { terminated: last } : {},
    ready: isContainerReady(record),
    started: record.started && state.running !== undefined,
    restartCount: record.restarts,
  };
}

/** A finished init container counts as ready; any other must run and pass its readiness probe. */
function isContainerReady(record: ContainerRecord): boolean {
  if (record.role === 'init') return record.state.terminated?.exitCode === 0;
  return record.state.running !== undefined && record.started && record.ready;
}

function conditions(pod: Pod, records: readonly ContainerRecord[], facts: StatusFacts): PodCondition[] {
  const waiting = records.filter(({ role }) => role !== 'init').filter((record) => !isContainerReady(record));
  const unready = facts.phase === 'Running' || facts.phase === 'Pending' ? waiting : records;
  const names = unready.map(({ container }) => container.name);
  const notReady: Partial<PodCondition> | undefined =
    facts.phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : names.length > 0
        ? { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` }
        : undefined;
  const unfinished = records.filter(({ role }) => role !== 'main').filter((record) => !passed(record));
  const incomplete = {
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${unfinished.map(({ container }) => container.name).join(' ')}]`,
  };
  const wanted: [string, Partial<PodCondition> | undefined | false][] = [
    ['PodReadyToStartContainers', facts.podIp ? undefined : {}],
    ['Initialized', facts.initialized ? undefined : incomplete],
    ['Ready', notReady],
    ['ContainersReady', notReady],
    ['PodScheduled', undefined],
  ];
  return wanted.map(([type, problem]) => condition(pod, type, problem || undefined, facts.now));
}

function passed(record: ContainerRecord): boolean {
  return record.role === 'sidecar' ? record.started : record.state.terminated?.exitCode === 0;
}

function condition(pod: Pod, type: string, problem: Partial<PodCondition> | undefined, now: Date): PodCondition {
  const status = problem ? 'False' : 'True';
  const before = pod.status?.conditions?.find((item) => item.type === type);
  const since = before?.status === status ? before.lastTransitionTime : undefined;
  return {
    type,
    status,
    ...(pod.metadata?.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    lastProbeTime: null as never,
    lastTransitionTime: since ?? apiTime(now),
    ...problem,
  };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function qosClass(pod: Pod): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const entries = all.map(({ resources = {} }) => ({ ...resources.limits, ...resources.requests }));
  if (entries.every((entry) => Object.keys(entry).length === 0)) return 'BestEffort';
  const guaranteed = all.every(({ resources }) => {
    return ['cpu', 'memory'].every((name) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && (resources?.requests?.[name] ?? limit) === limit;
    });
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
