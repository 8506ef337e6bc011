/** @module What a pod is given, read under another root. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inClusterOptions } from './in-cluster.ts';

const root = mkdtempSync(join(tmpdir(), 'in-cluster-'));
const mount = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
mkdirSync(mount, { recursive: true });
for (const [name, text] of Object.entries({ token: 'one\n', 'ca.crt': 'PEM\n', namespace: 'media' }))
  writeFileSync(join(mount, name), text);
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  { host: '10.152.183.1', port: '443', url: 'https://10.152.183.1:443' },
  { host: 'fd00::1', port: '6443', url: 'https://[fd00::1]:6443' },
  { host: 'kubernetes.default.svc', port: undefined, url: 'https://kubernetes.default.svc:443' },
])('$url', ({ host, port, url }) => {
  const options = inClusterOptions(root, {
    KUBERNETES_SERVICE_HOST: host,
    ...(port && { KUBERNETES_SERVICE_PORT: port }),
  });
  expect([options.url, options.ca, options.namespace]).toEqual([url, 'PEM', 'media']);
});

test('a renewed token is read', () => {
  const { token } = inClusterOptions(root, { KUBERNETES_SERVICE_HOST: '10.0.0.1' });
  const read = token as () => string;
  expect(read()).toBe('one');
  writeFileSync(join(mount, 'token'), 'two\n');
  expect(read()).toBe('two');
});

test('outside of a pod it says so', () => {
  expect(() => inClusterOptions(root, {})).toThrow('KUBERNETES_SERVICE_HOST is not set');
  expect(() => inClusterOptions('/nowhere', { KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toThrow(
    '/nowhere/var/run/secrets/kubernetes.io/serviceaccount/token cannot be read (ENOENT)',
  );
});
