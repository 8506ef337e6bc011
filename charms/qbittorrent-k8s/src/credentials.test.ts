/** @module Credentials are read like any secret, but not in the hook that made them. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeCredentials, readCredentials } from './credentials.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tools-'));
  stand('secret-get', 'echo \'{"username":"admin","password":"p","pbkdf2":"x"}\'');
  stand('secret-add', 'echo secret://m/cq8h1abcdefghijklmno');
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

function stand(tool: string, body: string): void {
  writeFileSync(join(dir, tool), `#!/bin/sh\n${body}\n`);
  chmodSync(join(dir, tool), 0o755);
}

test('a second look in the same hook does not see what Juju may still drop', async () => {
  expect(readCredentials()).toMatchObject({ username: 'admin' });
  await makeCredentials();
  expect(readCredentials()).toBeUndefined();
});
