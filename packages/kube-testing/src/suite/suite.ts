/** @module The one table of behaviours that the stand-in and a real kube-apiserver must both pass. */
import { randomBytes } from 'node:crypto';
import { namespaces } from '@vpn-k8s/kube';
import { accesses } from './access.ts';
import { applies } from './apply.ts';
import type { Behaviour, ServerUnderTest } from './behaviour.ts';
import { lifecycles } from './lifecycle.ts';
import { patches } from './patches.ts';
import { reads } from './reads.ts';

/** All behaviours. */
export const behaviours: readonly Behaviour[] = [...patches, ...applies, ...reads, ...lifecycles, ...accesses];

/**
 * Runs one behaviour in a namespace of its own.
 *
 * @example test.each(behaviours)('$name', (behaviour) => observe(behaviour, server));
 */
export async function observe(behaviour: Behaviour, server: ServerUnderTest): Promise<void> {
  const namespace = `t-${randomBytes(4).toString('hex')}`;
  await server.client.create(namespaces, { metadata: { name: namespace } });
  try {
    await behaviour.run({ client: server.client, as: (ns, account) => server.as(ns, account), namespace });
  } finally {
    await server.client.delete(namespaces, namespace);
  }
}
