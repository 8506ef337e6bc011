/** @module The client against a server that fails: what it repeats, and what it tells. */
import { type ApiError, configMaps, KubeClient, Unauthorized, Unreachable } from '@vpn-k8s/kube';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../access/faults.ts';
import { ApiServer } from '../api-server.ts';

let api: ApiServer;
let client: KubeClient;
beforeAll(async () => {
  api = await ApiServer.start();
});
beforeEach(() => {
  client = new KubeClient({ url: api.url, token: api.adminToken, ca: api.ca, timeoutMs: 500 });
  api.requests.length = 0;
  api.faults.clear();
});
afterEach(async () => {
  api.faults.clear();
  await api.client().delete(configMaps, 'm', { namespace: 'default' });
  client.close();
});
afterAll(() => api.stop());

const read = () => client.list(configMaps, { namespace: 'default', labelSelector: 'mine' });
const write = () => client.create(configMaps, { metadata: { name: 'm', namespace: 'default' } });
const status = (code: number, retryAfter?: number): Fault => ({
  kind: 'status',
  status: { code },
  ...(retryAfter !== undefined && { retryAfter }),
});
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: ApiError) => `${error.name} ${error.code}`,
  );

describe.each([
  { name: 'a reset before the answer', fault: { kind: 'reset' }, readTries: 2, write: 'Unreachable 0', stored: false },
  {
    name: 'a reset after the work',
    fault: { kind: 'reset-after' },
    readTries: 2,
    write: 'Unreachable 0',
    stored: true,
  },
  { name: 'half a body', fault: { kind: 'half' }, readTries: 2, write: 'Unreachable 0', stored: true },
  { name: '500', fault: status(500), readTries: 2, write: 'ApiError 500', stored: false },
  { name: '503', fault: status(503), readTries: 2, write: 'ApiError 503', stored: false },
  { name: '429', fault: status(429, 1), readTries: 2, write: 'ok', stored: true },
  { name: '413', fault: status(413), readTries: 1, write: 'ApiError 413', stored: false },
  { name: '410', fault: status(410), readTries: 1, write: 'Expired 410', stored: false },
] as { name: string; fault: Fault; readTries: number; write: string; stored: boolean }[])('$name', (row) => {
  test('a read is repeated where that helps', async () => {
    api.faults.next({ resource: 'configmaps' }, row.fault);
    expect(await outcome(read())).toBe(row.readTries > 1 ? 'ok' : row.write);
    expect(api.requests).toHaveLength(row.readTries);
  });

  test('a write is never done twice', async () => {
    api.faults.next({ verb: 'create' }, row.fault);
    expect(await outcome(write())).toBe(row.write);
    expect(api.store.get(configMaps, 'default', 'm') !== undefined).toBe(row.stored);
    expect(api.requests.filter(({ code }) => code === 201).length).toBeLessThan(2);
  });
});

test('a server that hangs is given up after the timeout, and the sentence says where', async () => {
  api.faults.next({}, { kind: 'hang' });
  await expect(read()).rejects.toThrow(new RegExp(`^The Kubernetes API at ${api.url} does not answer: .*timeout`));
  expect(api.requests).toHaveLength(1);
});

test('a server that is always down is asked three times', async () => {
  api.faults.next({}, status(503), Number.POSITIVE_INFINITY);
  expect(await outcome(read())).toBe('ApiError 503');
  expect(api.requests).toHaveLength(3);
});

test('an expired token is told as such', async () => {
  const token = api.issueToken('default', 'default');
  api.tokens.revoke(token);
  await expect(api.client(token).list(configMaps)).rejects.toBeInstanceOf(Unauthorized);
});

test.each([
  { name: 'nobody listens', url: () => 'https://127.0.0.1:1', ca: () => api.ca, sentence: /ECONNREFUSED/ },
  { name: 'another authority', url: () => api.url, ca: () => undefined, sentence: /certificate/ },
])('$name', async ({ url, ca, sentence }) => {
  const other = new KubeClient({ url: url(), token: 'x', ca: ca(), timeoutMs: 2000 });
  const error = await other.list(configMaps).catch((caught) => caught);
  expect(error).toBeInstanceOf(Unreachable);
  expect(error.message).toMatch(sentence);
});

test('an IPv6 address is reached by its brackets', async () => {
  const six = await ApiServer.start({ host: '::1' });
  expect(six.url).toMatch(/^https:\/\/\[::1\]:\d+$/);
  await six.client().list(configMaps);
  await six.stop();
});

test('what the stand-in does not serve it refuses', async () => {
  const get = (path: string, init: RequestInit = {}) => raw(api, path, init);
  expect(await get('/apis/batch/v1/namespaces/default/jobs')).toBe(404);
  expect(await get('/openapi/v3')).toBe(404);
  expect(await get('/api/v1/namespaces/default/pods/p/log')).toBe(404);
  expect(await get('/api/v1/namespaces/default/configmaps', { method: 'PUT' })).toBe(405);
});

async function raw(
  { ca, port, adminToken }: ApiServer,
  path: string,
  { method = 'GET' }: RequestInit,
): Promise<number> {
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const sent = request({ host: '127.0.0.1', port, path, method, ca, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}
