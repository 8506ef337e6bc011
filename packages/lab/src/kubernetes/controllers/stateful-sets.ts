/** @module The StatefulSet controller: carries out the plan, one set at a time. */

import {
  AlreadyExists,
  ApiError,
  controllerRevisions,
  type KubeClient,
  persistentVolumeClaims,
  pods as podResource,
  statefulSets,
} from '@vpn-k8s/kube';
import type { ControllerRevision, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { keyOf } from '../cache.ts';
import type { Caches } from '../caches.ts';
import type { Events } from '../events.ts';
import { Queue } from '../queue.ts';
import { revisionName, revisionOf, templateOf } from './revision.ts';
import { type PlanStep, type Revisions, revisionOfPod, statefulPlan, statefulStatus } from './stateful-plan.ts';
import { ordinalOf, statefulClaims, statefulPod } from './stateful-pod.ts';

/** What the controller works with. */
export interface ControllerPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: Events;
  readonly log: (line: string) => void;
}

/** Starts the controller; the returned function ends it. */
export function runStatefulSets(ports: ControllerPorts): () => void {
  const { caches, log } = ports;
  const reconcile = async (key: string) => {
    const [namespace, name = ''] = key.split('/');
    const set = caches.statefulSets.get(namespace, name);
    if (set) await reconcileSet(ports, set);
  };
  const queue = new Queue(reconcile, (key, error) => log(`statefulset ${key}: ${(error as Error).message}`));
  caches.statefulSets.onChange((after) => after && queue.add(keyOf(after)));
  caches.pods.onChange((after, before) => {
    for (const set of caches.statefulSets.list((after ?? before)?.metadata?.namespace)) queue.add(keyOf(set));
  });
  for (const set of caches.statefulSets.list()) queue.add(keyOf(set));
  return () => queue.stop();
}

async function reconcileSet(ports: ControllerPorts, set: StatefulSet): Promise<void> {
  const pods = await ownPods(ports, set);
  const revisions = await currentRevisions(ports, set, pods);
  let refusal: unknown;
  for (const step of statefulPlan(set, pods, revisions)) {
    try {
      await carryOut(ports, set, step);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refusal = error;
      const verb = step.kind === 'create' ? 'FailedCreate' : 'FailedDelete';
      const pod = step.kind === 'create' ? `${set.metadata?.name}-${step.ordinal}` : step.pod.metadata?.name;
      const what = `${step.kind} Pod ${pod} in StatefulSet ${set.metadata?.name} failed error: ${error.message}`;
      await ports.events.warn('StatefulSet', set, verb, what);
    }
  }
  await writeStatus(ports, set, await ownPods(ports, set), revisions);
  if (refusal) throw refusal;
}

/** Pods that the set controls; an orphan of the right name and labels is adopted first. */
async function ownPods({ client, caches }: ControllerPorts, set: StatefulSet): Promise<Pod[]> {
  const own: Pod[] = [];
  for (const pod of caches.pods.list(set.metadata?.namespace)) {
    const controller = pod.metadata?.ownerReferences?.find((owner) => owner.controller);
    if (controller?.uid === set.metadata?.uid) own.push(pod);
    else if (!controller && isOrphanOf(set, pod)) own.push(await adopt(client, set, pod));
  }
  return own;
}

function isOrphanOf(set: StatefulSet, pod: Pod): boolean {
  const labels = Object.entries(set.spec?.selector.matchLabels ?? {});
  const matches = labels.length > 0 && labels.every(([key, value]) => pod.metadata?.labels?.[key] === value);
  return (
    matches && ordinalOf(set, pod) !== undefined && !pod.metadata?.deletionTimestamp && !set.metadata?.deletionTimestamp
  );
}

function adopt(client: KubeClient, set: StatefulSet, pod: Pod): Promise<Pod> {
  const { name = '', namespace = '', uid = '' } = set.metadata ?? {};
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true, blockOwnerDeletion: true };
  const body = { metadata: { uid: pod.metadata?.uid, ownerReferences: [owner] } };
  return client.patch(podResource, pod.metadata?.name ?? '', body as never, { namespace, type: 'merge' });
}

/** Names of the revisions; the object of the present template is made when it is new. */
async function currentRevisions(ports: ControllerPorts, set: StatefulSet, pods: Pod[]): Promise<Revisions> {
  const { client, caches } = ports;
  const update = revisionName(set);
  if (!caches.controllerRevisions.get(set.metadata?.namespace, update)) {
    const number = Math.max(0, ...revisionsOf(ports, set).map(({ revision }) => revision)) + 1;
    await learnCreated(caches.controllerRevisions, client.create(controllerRevisions, revisionOf(set, number)));
  }
  // Why: a set that adopts the pods of a deleted namesake has no status yet, but its pods know their revision.
  const current = set.status?.currentRevision ?? pods.map(revisionOfPod).find((name) => name !== undefined) ?? update;
  return { current, update };
}

function revisionsOf({ caches }: ControllerPorts, set: StatefulSet): ControllerRevision[] {
  const mine = (revision: ControllerRevision) =>
    revision.metadata?.ownerReferences?.some(({ uid }) => uid === set.metadata?.uid);
  return caches.controllerRevisions.list(set.metadata?.namespace).filter(mine);
}

async function learnCreated<T extends object>(cache: { learn(object: T): void }, created: Promise<T>): Promise<void> {
  try {
    cache.learn(await created);
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}

async function carryOut(ports: ControllerPorts, set: StatefulSet, step: PlanStep): Promise<void> {
  if (step.kind === 'create') return createPod(ports, set, step.ordinal, step.revision);
  const { name = '', namespace = '', uid = '' } = step.pod.metadata ?? {};
  ports.log(`statefulset ${keyOf(set)}: delete ${name} (${step.why})`);
  await ports.client.delete(podResource, name, { namespace, preconditions: { uid } });
  const what = `delete Pod ${name} in StatefulSet ${set.metadata?.name} successful`;
  await ports.events.tell('StatefulSet', set, 'SuccessfulDelete', what);
}

async function createPod(ports: ControllerPorts, set: StatefulSet, ordinal: number, revision: string): Promise<void> {
  const { client, caches } = ports;
  const namespace = set.metadata?.namespace;
  for (const claim of statefulClaims(set, ordinal)) {
    if (caches.claims.get(namespace, claim.metadata?.name ?? '')) continue;
    await learnCreated(caches.claims, client.create(persistentVolumeClaims, claim));
  }
  const kept = caches.controllerRevisions.get(namespace, revision);
  const template = revision === revisionName(set) || !kept ? set.spec?.template : templateOf(kept);
  const pod = statefulPod(set, template ?? {}, ordinal, revision);
  ports.log(`statefulset ${keyOf(set)}: create ${pod.metadata?.name} (${revision})`);
  await learnCreated(caches.pods, client.create(podResource, pod));
  const what = `create Pod ${pod.metadata?.name} in StatefulSet ${set.metadata?.name} successful`;
  await ports.events.tell('StatefulSet', set, 'SuccessfulCreate', what);
}

async function writeStatus(ports: ControllerPorts, set: StatefulSet, pods: Pod[], revisions: Revisions): Promise<void> {
  const status = { ...EMPTY, ...statefulStatus(set, pods, revisions) };
  const known = { ...EMPTY, ...set.status };
  if (Object.entries(status).every(([key, value]) => known[key as keyof typeof known] === value)) return;
  const { name = '', namespace } = set.metadata ?? {};
  const options = { namespace, subresource: 'status', type: 'merge' } as const;
  const written = await ports.client.patch(statefulSets, name, { status } as never, options).catch(unlessGone);
  if (written) ports.caches.statefulSets.learn(written);
}

/** Counts that a merge patch must take away. */
const EMPTY = { readyReplicas: null, currentReplicas: null, updatedReplicas: null };

function unlessGone(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 404) return undefined;
  throw error;
}
