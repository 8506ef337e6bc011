/** @module Kubernetes objects of a State: served over TLS with the pod's token, under its rights. */

import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildCharm, type CharmUnderTest, hook, newState, run, type State } from '../src/index.ts';

let toy: CharmUnderTest;
beforeAll(async () => {
  toy = await buildCharm({ dir: fileURLToPath(new URL('toy-charm', import.meta.url)) });
});

const given = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'given', namespace: 'lab' }, data: { a: 'b' } };
const counting = (more: Partial<State> = {}) =>
  newState('toy/0', { config: { do: 'count' }, kubernetes: { objects: [given] }, ...more });

const names = (state: State) => state.kubernetes!.objects.map((one) => `${one.kind} ${one.metadata.name}`).sort();

test('the charm creates and lists, and the objects come back', async () => {
  const after = await run(toy, hook('config-changed'), counting());
  expect(after.results?.exit).toBe(0);
  expect(names(after)).toEqual(['ConfigMap given', 'ConfigMap made']);
  expect(after.results?.requests.map(({ verb, path, code }) => `${verb} ${path} ${code}`)).toEqual([
    'create /api/v1/namespaces/lab/configmaps 201',
    'list /api/v1/namespaces/lab/configmaps 200',
  ]);
});

test('objects that a hook left are the same in the next one', async () => {
  const first = await run(toy, hook('config-changed'), counting());
  const second = await run(toy, hook('update-status'), { ...first, config: { do: 'nothing' } });
  const identities = (state: State) => state.kubernetes!.objects.map((one) => one.metadata.uid).sort();
  expect(identities(second)).toEqual(identities(first));
  expect(second.results?.requests).toEqual([]);
});

test('without trust the server refuses, in its own words', async () => {
  const after = await run(toy, hook('config-changed'), counting({ trusted: false }));
  expect(after.results).toMatchObject({ exit: 1, flushed: false });
  expect(after.results?.log[0]?.message).toContain(
    'configmaps is forbidden: User "system:serviceaccount:lab:toy" cannot create resource "configmaps" in API group "" in the namespace "lab"',
  );
  expect(names(after)).toEqual(['ConfigMap given']);
});

test('a planned fault hits the charm', async () => {
  const fault = {
    filter: { verb: 'list' },
    fault: { kind: 'status', status: { code: 500, message: 'etcd is gone' } },
  } as const;
  const after = await run(
    toy,
    hook('config-changed'),
    counting({ kubernetes: { objects: [], faults: [{ ...fault, times: Infinity }] } }),
  );
  expect(after.results?.exit).toBe(1);
  expect(after.results?.log[0]?.message).toContain('etcd is gone');
});

test('an object that the server refuses is told before anything runs', async () => {
  const wrong = { ...given, metadata: { ...given.metadata, name: 'Not_a_name' } };
  await expect(run(toy, hook('start'), counting({ kubernetes: { objects: [wrong] } }))).rejects.toThrow('Not_a_name');
});

test('without Kubernetes in the state nobody answers', async () => {
  const { kubernetes: _, ...state } = counting();
  const after = await run(toy, hook('config-changed'), state);
  expect(after.results?.log[0]?.message).toMatch(/^toy failed: .*serviceaccount\/token cannot be read/);
});
