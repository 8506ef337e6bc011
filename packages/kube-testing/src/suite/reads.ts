/** @module Behaviours: reading, listing, selecting, watching. */
import assert from 'node:assert/strict';
import { ciliumNetworkPolicies, configMaps, Expired, NotFound, statefulSets, type WatchEvent } from '@vpn-k8s/kube';
import { type Behaviour, eventually, failureOf, rows, type Scene, statefulSet } from './behaviour.ts';

async function fill({ client, namespace }: Scene, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const labels = { parity: index % 2 === 0 ? 'even' : 'odd', mine: 'yes' };
    await client.create(configMaps, { metadata: { name: `m-${index}`, namespace, labels }, data: {} });
  }
}

const namesOf = (list: readonly { metadata?: { name?: string } }[]) => list.map(({ metadata }) => metadata?.name);
const mine = 'mine=yes';

/** Watches config maps until `enough`; answers what came. */
async function collect(scene: Scene, options: object, enough: number): Promise<string[]> {
  const seen: string[] = [];
  const abort = new AbortController();
  const note = ({ type, object }: WatchEvent<{ metadata?: { name?: string } }>) => {
    if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata?.name}`);
    if (seen.length >= enough) abort.abort();
  };
  await scene.client.watch(
    configMaps,
    { namespace: scene.namespace, timeoutSeconds: 10, ...options },
    note,
    abort.signal,
  );
  return seen;
}

/** Get, list, watch, subresources. */
export const reads: readonly Behaviour[] = rows('read', {
  'what is not there is undefined': async ({ client, namespace }) => {
    assert.equal(await client.get(configMaps, 'gone', { namespace }), undefined);
  },
  'a kind without its definition is not there': async ({ client, namespace }) => {
    assert.equal(await client.get(ciliumNetworkPolicies, 'gone', { namespace }), undefined);
    assert.ok((await failureOf(client.list(ciliumNetworkPolicies, { namespace }))) instanceof NotFound);
  },
  'a list is followed page by page': async (scene) => {
    await fill(scene, 5);
    const options = { namespace: scene.namespace, labelSelector: mine, limit: 2 };
    assert.deepEqual(namesOf(await scene.client.list(configMaps, options)), ['m-0', 'm-1', 'm-2', 'm-3', 'm-4']);
  },
  'labels select': async (scene) => {
    await fill(scene, 4);
    const select = async (labelSelector: string) =>
      namesOf(
        await scene.client.list(configMaps, { namespace: scene.namespace, labelSelector: `${mine},${labelSelector}` }),
      );
    assert.deepEqual(await select('parity=odd'), ['m-1', 'm-3']);
    assert.deepEqual(await select('parity!=odd'), ['m-0', 'm-2']);
    assert.deepEqual(await select('parity in (odd,none)'), ['m-1', 'm-3']);
    assert.deepEqual(await select('parity notin (odd)'), ['m-0', 'm-2']);
    assert.deepEqual(await select('!parity'), []);
  },
  'fields select, and unknown ones are refused': async (scene) => {
    await fill(scene, 2);
    const options = { namespace: scene.namespace, fieldSelector: 'metadata.name=m-1' };
    assert.deepEqual(namesOf(await scene.client.list(configMaps, options)), ['m-1']);
    const error = await failureOf(scene.client.list(configMaps, { ...options, fieldSelector: 'data.a=1' }));
    assert.deepEqual([error.code, error.reason], [400, 'BadRequest']);
  },
  'a watch from a version tells what happened since': async (scene) => {
    const { resourceVersion } = await scene.client.listAll(configMaps, { namespace: scene.namespace });
    await fill(scene, 1);
    await scene.client.patch(configMaps, 'm-0', { data: { a: '1' } }, { namespace: scene.namespace, type: 'merge' });
    await scene.client.delete(configMaps, 'm-0', { namespace: scene.namespace });
    const seen = await collect(scene, { resourceVersion, labelSelector: mine }, 3);
    assert.deepEqual(seen, ['ADDED m-0', 'MODIFIED m-0', 'DELETED m-0']);
  },
  'a watch without a version begins with what is there': async (scene) => {
    await fill(scene, 2);
    assert.deepEqual((await collect(scene, { labelSelector: mine }, 2)).sort(), ['ADDED m-0', 'ADDED m-1']);
  },
  'an object that leaves a selection is told as deleted': async (scene) => {
    await fill(scene, 1);
    const { resourceVersion } = await scene.client.listAll(configMaps, { namespace: scene.namespace });
    const merge = { namespace: scene.namespace, type: 'merge' } as const;
    await scene.client.patch(configMaps, 'm-0', { metadata: { labels: { parity: 'none' } } }, merge);
    assert.deepEqual(await collect(scene, { resourceVersion, labelSelector: 'parity=even' }, 1), ['DELETED m-0']);
  },
  'a version that is long gone is expired': async (scene) => {
    const error = await failureOf(collect(scene, { resourceVersion: '1' }, 1));
    assert.ok(error instanceof Expired, error.message);
    assert.equal(error.code, 410);
  },
  'status and scale are parts of their own': async (scene) => {
    await scene.client.create(statefulSets, statefulSet('app', scene.namespace));
    const options = { namespace: scene.namespace, subresource: 'status', type: 'merge' } as const;
    const body = { spec: { replicas: 9 }, status: { replicas: 0, observedGeneration: 1 } } as never;
    const after = await scene.client.patch(statefulSets, 'app', body, options);
    assert.deepEqual([after.spec?.replicas, after.status?.observedGeneration, after.metadata?.generation], [0, 1, 1]);
    const scaled = { ...options, subresource: 'scale' };
    const answer = await scene.client.patch(statefulSets, 'app', { spec: { replicas: 0 } } as never, scaled);
    assert.equal(answer.kind, 'Scale');
  },
  'namespaces come with a ServiceAccount and the authority': async ({ client, namespace }) => {
    const map = await eventually('kube-root-ca.crt', () => client.get(configMaps, 'kube-root-ca.crt', { namespace }));
    assert.match(map.data?.['ca.crt'] ?? '', /BEGIN CERTIFICATE/);
  },
});
