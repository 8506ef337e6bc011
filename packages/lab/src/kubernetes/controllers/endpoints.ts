/** @module Publishes EndpointSlices, after a delay that a lab may choose. */

import { isDeepStrictEqual } from 'node:util';
import { endpointSlices } from '@vpn-k8s/kube';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { keyOf } from '../cache.ts';
import { Queue } from '../queue.ts';
import { endpointSlice } from './endpoint-slice.ts';
import type { ControllerPorts } from './stateful-sets.ts';

/** Starts the controller; `delayMs` is asked before each publication. The returned function ends it. */
export function runEndpoints(ports: ControllerPorts, delayMs: () => number): () => void {
  const { caches, log } = ports;
  const queue = new Queue(
    (key) => publish(ports, key),
    (key, error) => log(`endpoints ${key}: ${(error as Error).message}`),
  );
  caches.services.onChange((after) => after && queue.add(keyOf(after), delayMs()));
  caches.pods.onChange((after, before) => {
    for (const service of caches.services.list((after ?? before)?.metadata?.namespace)) {
      queue.add(keyOf(service), delayMs());
    }
  });
  for (const service of caches.services.list()) queue.add(keyOf(service));
  return () => queue.stop();
}

async function publish({ client, caches }: ControllerPorts, key: string): Promise<void> {
  const [namespace, name = ''] = key.split('/');
  const service = caches.services.get(namespace, name);
  const wanted = service && endpointSlice(service, caches.pods.list(namespace));
  if (!wanted) return;
  const present = caches.endpointSlices.get(namespace, wanted.metadata?.name ?? '');
  if (!present) caches.endpointSlices.learn(await client.create(endpointSlices, wanted));
  else if (!isSame(present, wanted)) {
    const metadata = { ...wanted.metadata, resourceVersion: present.metadata?.resourceVersion ?? '' };
    caches.endpointSlices.learn(await client.update(endpointSlices, { ...wanted, metadata }));
  }
}

/** Why a normal form: the server leaves out empty lists and false conditions are written either way. */
function isSame(present: EndpointSlice, wanted: EndpointSlice): boolean {
  const form = (slice: EndpointSlice) =>
    JSON.parse(
      JSON.stringify({ endpoints: slice.endpoints ?? [], ports: slice.ports ?? [], labels: slice.metadata?.labels }),
    );
  return isDeepStrictEqual(form(present), form(wanted));
}
