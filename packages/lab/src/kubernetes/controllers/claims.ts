/** @module Binds PersistentVolumeClaims: the lab's storage is a directory for each claim and never runs out. */

import { persistentVolumeClaims } from '@vpn-k8s/kube';
import { keyOf } from '../cache.ts';
import { Queue } from '../queue.ts';
import type { ControllerPorts } from './stateful-sets.ts';

/** Starts the binder; the returned function ends it. */
export function runClaims({ client, caches, log }: ControllerPorts): () => void {
  const bind = async (key: string) => {
    const [namespace, name = ''] = key.split('/');
    const claim = caches.claims.get(namespace, name);
    if (!claim || claim.status?.phase === 'Bound' || claim.metadata?.deletionTimestamp) return;
    const { accessModes, resources } = claim.spec ?? {};
    const volumeName = `pv-${claim.metadata?.uid}`;
    await client.patch(persistentVolumeClaims, name, { spec: { volumeName } } as never, { namespace, type: 'merge' });
    const status = { phase: 'Bound', accessModes, capacity: resources?.requests };
    const options = { namespace, subresource: 'status', type: 'merge' } as const;
    caches.claims.learn(await client.patch(persistentVolumeClaims, name, { status } as never, options));
  };
  const queue = new Queue(bind, (key, error) => log(`claim ${key}: ${(error as Error).message}`));
  caches.claims.onChange((after) => after && queue.add(keyOf(after)));
  for (const claim of caches.claims.list()) queue.add(keyOf(claim));
  return () => queue.stop();
}
