/** @module Laws of server-side apply that no recording covers, on random config maps and StatefulSets. */
import { configMaps, namespaces, statefulSets } from '@vpn-k8s/kube';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApiServer } from '../api-server.ts';
import { statefulSet } from '../suite/behaviour.ts';

let api: ApiServer;
let namespace: string;
let count = 0;
beforeAll(async () => {
  api = await ApiServer.start();
});
beforeEach(async () => {
  namespace = `p-${count++}`;
  await api.client().create(namespaces, { metadata: { name: namespace } });
});
afterAll(() => api.stop());

const runs = { numRuns: 25 };
const dataOf = (letters: string) => fc.dictionary(fc.constantFrom(...letters), fc.constantFrom('1', '2', '3'));
const put = (name: string, data: object, fieldManager: string, force = false) =>
  api
    .client()
    .apply(configMaps, { metadata: { name, namespace }, data } as never, { fieldManager, ...(force && { force }) });
const fresh = () => `m-${count++}`;
const comparable = ({
  data,
  metadata,
}: {
  data?: object;
  metadata?: { managedFields?: { manager?: string; fieldsV1?: object }[] };
}) => ({
  data,
  managers: (metadata?.managedFields ?? [])
    .map(({ manager, fieldsV1 }) => ({ manager, fieldsV1 }))
    .sort((a, b) => ((a.manager ?? '') < (b.manager ?? '') ? -1 : 1)),
});

test('the same again changes nothing', () =>
  fc.assert(
    fc.asyncProperty(dataOf('abc'), dataOf('abc'), async (first, second) => {
      const name = fresh();
      await put(name, first, 'one');
      const once = await put(name, second, 'two', true);
      const twice = await put(name, second, 'two', true);
      expect(twice.metadata?.resourceVersion).toBe(once.metadata?.resourceVersion);
    }),
    runs,
  ));

test('two managers of different fields may come in any order', () =>
  fc.assert(
    fc.asyncProperty(dataOf('abc'), dataOf('xyz'), async (one, two) => {
      const [left, right] = [fresh(), fresh()];
      await put(left, one, 'one');
      const forth = await put(left, two, 'two');
      await put(right, two, 'two');
      const back = await put(right, one, 'one');
      expect(comparable(forth)).toEqual(comparable(back));
    }),
    runs,
  ));

test('what is no longer applied, and owned by nobody else, is gone', () =>
  fc.assert(
    fc.asyncProperty(dataOf('abc'), dataOf('abc'), dataOf('bcx'), async (first, then, other) => {
      const name = fresh();
      await put(name, first, 'one');
      await put(name, other, 'two', true);
      const after = await put(name, then, 'one', true);
      expect(after.data ?? {}).toEqual({ ...other, ...then });
    }),
    runs,
  ));

test('containers that are applied and taken back leave the spec as it was', () =>
  fc.assert(
    fc.asyncProperty(fc.subarray(['charm', 'web', 'vpn', 'side'], { minLength: 1 }), async (names) => {
      const name = fresh();
      const before = await api.client().create(statefulSets, statefulSet(name, namespace), { fieldManager: 'juju' });
      const metadata = { name, namespace };
      const containers = names.map((each) => ({
        name: each,
        workingDir: '/x',
        ...(['vpn', 'side'].includes(each) && { image: 'i:1' }),
      }));
      await api.client().apply(statefulSets, { metadata, spec: { template: { spec: { containers } } } } as never, {
        fieldManager: 'vpn',
      });
      const after = await api.client().apply(statefulSets, { metadata } as never, { fieldManager: 'vpn' });
      expect(after.spec).toEqual(before.spec);
    }),
    runs,
  ));
