/** @module The requests of the Python peer, as it sends them, have the recorded codes and effects. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { type KubeObject, statefulSets } from '@vpn-k8s/kube';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiServer } from '../api-server.ts';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly effect: string;
}

interface Recording {
  readonly lib: string;
  readonly initial: KubeObject;
  readonly steps: readonly { readonly step: string; readonly requests: readonly Recorded[] }[];
}

const file = new URL('../../fixtures/charmarr.json', import.meta.url);
const { lib, initial, steps } = JSON.parse(readFileSync(file, 'utf8')) as Recording;

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.start();
  api.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'media' } }, initial);
});
afterAll(() => api.stop());

function send({ method, path, query, contentType, body }: Recorded): Promise<number> {
  const headers = {
    authorization: `Bearer ${api.adminToken}`,
    'user-agent': 'python-httpx2/2.16.2',
    ...(contentType && { 'content-type': contentType }),
  };
  const options = {
    host: '127.0.0.1',
    port: api.port,
    ca: api.ca,
    method,
    path: query ? `${path}?${query}` : path,
    headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What a request did to the store, in the recording's words. */
async function effectOf(recorded: Recorded): Promise<{ status: number; effect: string }> {
  const types: string[] = [];
  const leave = api.store.subscribeAll(({ type }) => types.push(type));
  const status = await send(recorded);
  leave();
  const names: Readonly<Record<string, string>> = { ADDED: 'created', MODIFIED: 'changed', DELETED: 'deleted' };
  const quiet = status === 404 ? 'notfound' : recorded.method === 'GET' ? 'read' : 'noop';
  return { status, effect: names[types[0] ?? ''] ?? quiet };
}

describe(`${lib}, in order`, () => {
  test.each(steps)('$step', async ({ requests }) => {
    for (const recorded of requests) {
      const { status, effect } = recorded;
      expect({ path: recorded.path, ...(await effectOf(recorded)) }).toEqual({ path: recorded.path, status, effect });
    }
  });

  test('in the end the spec is what it was', () => {
    const { template } = (api.store.get(statefulSets, 'media', 'qbittorrent') as { spec: { template: object } }).spec;
    const before = (initial as { spec: { template: { metadata: { creationTimestamp?: null } } } }).spec.template;
    const { creationTimestamp: _none, ...metadata } = before.metadata;
    expect(template).toEqual({ ...before, metadata });
  });
});
