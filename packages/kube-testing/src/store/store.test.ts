/** @module The store tells its changes at once, in order, and to everybody. */
import { configMaps, type KubeObject, pods, secrets } from '@vpn-k8s/kube';
import { expect, test } from 'vitest';
import { Store } from './store.ts';

const map = (name: string, data = {}): KubeObject =>
  ({ metadata: { name, namespace: 'n', uid: name }, data }) as KubeObject;

function told(store: Store): string[] {
  const seen: string[] = [];
  store.subscribe(configMaps, ({ type, object, previous }) =>
    seen.push(`${type} ${object.metadata.name}${previous ? ' again' : ''}`),
  );
  return seen;
}

test('subscribers hear of a change before the write returns', () => {
  const store = new Store();
  const seen = told(store);
  const stored = store.put(configMaps, map('a'));
  store.put(configMaps, map('a', { x: '1' }));
  store.put(secrets, map('other'));
  store.remove(configMaps, stored);
  expect(seen).toEqual(['ADDED a', 'MODIFIED a again', 'DELETED a again']);
});

test('a change made by a listener comes after the one it heard of', () => {
  const store = new Store();
  store.subscribe(configMaps, ({ object }) => {
    if (object.metadata.name === 'a') store.put(configMaps, map('b'));
  });
  const seen = told(store);
  store.put(configMaps, map('a'));
  expect(seen).toEqual(['ADDED a', 'ADDED b']);
});

test('who left hears nothing', () => {
  const store = new Store();
  let heard = 0;
  store.subscribe(configMaps, () => heard++)();
  store.put(configMaps, map('a'));
  expect(heard).toBe(0);
});

test('stored objects cannot be changed', () => {
  const stored = new Store().put(configMaps, map('a', { x: '1' })) as unknown as { data: { x: string } };
  expect(() => {
    stored.data.x = '2';
  }).toThrow(TypeError);
});

test('changes are remembered up to a number, and told as forgotten after', () => {
  const store = new Store(2);
  const start = store.version;
  for (const name of ['a', 'b']) store.put(pods, map(name));
  expect(store.since(start)?.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
  store.put(pods, map('c'));
  expect(store.since(start)).toBeUndefined();
  store.compact();
  expect([store.since(store.version - 1), store.since(store.version)]).toEqual([undefined, []]);
});
