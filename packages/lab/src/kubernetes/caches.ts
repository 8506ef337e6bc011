/** @module What controllers and kubelet know: one cache for each kind that they read. */

import {
  configMaps,
  controllerRevisions,
  endpointSlices,
  type KubeClient,
  type KubeObject,
  namespaces,
  nodes,
  persistentVolumeClaims,
  pods,
  type Resource,
  secrets,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { Cache } from './cache.ts';

const RESOURCES = {
  configMaps,
  controllerRevisions,
  endpointSlices,
  namespaces,
  nodes,
  claims: persistentVolumeClaims,
  pods,
  secrets,
  services,
  statefulSets,
};

type Kinds = typeof RESOURCES;

/** The caches by name, e.g. `caches.pods`. */
export type Caches = {
  readonly [K in keyof Kinds]: Kinds[K] extends Resource<infer T> ? Cache<T & KubeObject> : never;
};

/** Lists every kind once and follows them from then on. */
export async function startCaches(client: KubeClient): Promise<Caches> {
  const entries = Object.entries(RESOURCES).map(([name, resource]) => {
    return [name, new Cache<KubeObject>(client, resource as Resource<KubeObject>)] as const;
  });
  await Promise.all(entries.map(([, cache]) => cache.start()));
  return Object.fromEntries(entries) as unknown as Caches;
}

/** Ends all watches. */
export async function stopCaches(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((cache) => cache.stop()));
}
