/** @module The requests, as a table: nothing is sent. */
import { expect, test } from 'vitest';
import { buildRequest, type Verb, type Wish } from './request.ts';
import { ciliumNetworkPolicies, configMaps, nodes, pods, type Resource, statefulSets } from './resources.ts';

interface Row {
  readonly verb: Verb;
  readonly resource: Resource<unknown>;
  readonly wish: Wish;
  readonly expected: string;
}

const media = { namespace: 'media', name: 'qbittorrent' };
const sts = '/apis/apps/v1/namespaces/media/statefulsets/qbittorrent';
const rows: readonly Row[] = [
  { verb: 'get', resource: statefulSets, wish: media, expected: `GET ${sts}` },
  { verb: 'get', resource: nodes, wish: { name: 'node1', namespace: 'ignored' }, expected: 'GET /api/v1/nodes/node1' },
  { verb: 'list', resource: pods, wish: {}, expected: 'GET /api/v1/pods' },
  {
    verb: 'list',
    resource: pods,
    wish: { namespace: 'media', query: { labelSelector: 'a=b,c', limit: 500, continue: undefined } },
    expected: 'GET /api/v1/namespaces/media/pods?labelSelector=a%3Db%2Cc&limit=500',
  },
  {
    verb: 'watch',
    resource: pods,
    wish: { query: { resourceVersion: '7' } },
    expected: 'GET /api/v1/pods?watch=true&resourceVersion=7',
  },
  {
    verb: 'create',
    resource: configMaps,
    wish: { body: { metadata: { name: 'm', namespace: 'media' } } },
    expected: 'POST /api/v1/namespaces/media/configmaps?fieldValidation=Strict application/json',
  },
  {
    verb: 'update',
    resource: configMaps,
    wish: { ...media, body: {} },
    expected: 'PUT /api/v1/namespaces/media/configmaps/qbittorrent?fieldValidation=Strict application/json',
  },
  {
    verb: 'patch',
    resource: statefulSets,
    wish: { ...media, body: {}, patch: 'strategic' },
    expected: `PATCH ${sts}?fieldValidation=Strict application/strategic-merge-patch+json`,
  },
  {
    verb: 'patch',
    resource: statefulSets,
    wish: { ...media, body: {}, patch: 'merge' },
    expected: `PATCH ${sts}?fieldValidation=Strict application/merge-patch+json`,
  },
  {
    verb: 'patch',
    resource: statefulSets,
    wish: { ...media, body: [], patch: 'json', subresource: 'status' },
    expected: `PATCH ${sts}/status?fieldValidation=Strict application/json-patch+json`,
  },
  {
    verb: 'apply',
    resource: statefulSets,
    wish: { body: { metadata: media }, query: { fieldManager: 'vpn', force: true } },
    expected: `PATCH ${sts}?fieldValidation=Strict&fieldManager=vpn&force=true application/apply-patch+yaml`,
  },
  {
    verb: 'delete',
    resource: ciliumNetworkPolicies,
    wish: media,
    expected: 'DELETE /apis/cilium.io/v2/namespaces/media/ciliumnetworkpolicies/qbittorrent',
  },
  {
    verb: 'get',
    resource: configMaps,
    wish: { namespace: 'media', name: '../secrets/x' },
    expected: 'GET /api/v1/namespaces/media/configmaps/..%2Fsecrets%2Fx',
  },
];

test.each(rows)('$expected', ({ verb, resource, wish, expected }) => {
  const { method, path, headers } = buildRequest(verb, resource, wish);
  expect([method, path, headers['content-type']].filter(Boolean).join(' ')).toBe(expected);
});

test('the length of a body counts bytes', () => {
  const { headers, body } = buildRequest('create', configMaps, { namespace: 'media', body: { data: { a: 'ä' } } });
  expect([body, headers['content-length']]).toEqual(['{"data":{"a":"ä"}}', '19']);
});

test.each([
  { verb: 'get' as const, wish: { name: 'm' }, sentence: 'get configmaps needs a namespace' },
  { verb: 'delete' as const, wish: { namespace: 'media' }, sentence: 'delete configmaps needs a name' },
  { verb: 'get' as const, wish: { namespace: 'media', name: '' }, sentence: 'get configmaps needs a name' },
])('$sentence', ({ verb, wish, sentence }) => {
  expect(() => buildRequest(verb, configMaps, wish)).toThrow(sentence);
});
