/** @module What was read ahead is handed out once, and nothing else changes for those who ask. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readAhead } from './ahead.ts';
import { configGet, isLeader } from './model.ts';
import { openedPorts } from './port.ts';
import { relationGet, relationIds, relationListApp } from './relation.ts';
import { HookToolError } from './run.ts';
import { statusGet, statusSet } from './status.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tools-'));
  const answers = {
    'is-leader': 'echo true',
    'config-get': 'echo \'{"port":6881,"note":"a\\\\tb\\\\nc %s"}\'',
    'status-get': 'echo \'{"status":"active","message":"fine","status-data":{}}\'',
    'opened-ports': 'echo \'["8080/tcp"]\'',
    'relation-ids': 'echo \'["db:3","db:7"]\'',
    'relation-list': 'echo \'"pg"\'',
    'relation-get': 'echo "{\\"of\\":\\"$6 in $3\\"}"',
    'status-set': ':',
  };
  for (const [tool, body] of Object.entries(answers)) stand(tool, body);
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`);
  const variables = { JUJU_UNIT_NAME: 'web/0', JUJU_MODEL_NAME: 'lab', JUJU_MODEL_UUID: 'x', JUJU_CHARM_DIR: '/' };
  for (const [name, value] of Object.entries({ ...variables, JUJU_DISPATCH_PATH: 'hooks/x' })) vi.stubEnv(name, value);
});
afterEach(() => {
  // Leaves no answer of this test for the next.
  statusSet('active', '');
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

function stand(tool: string, body: string): void {
  writeFileSync(join(dir, tool), `#!/bin/sh\necho "${tool} $*" >> ${dir}/log\n${body}\n`);
  chmodSync(join(dir, tool), 0o755);
}

const log = () =>
  existsSync(join(dir, 'log')) ? readFileSync(join(dir, 'log'), 'utf8').trim().split('\n').sort() : [];
const everything = { config: true, status: true, ports: true, endpoint: 'db' };

function askForEverything(): unknown[] {
  const bags = relationIds('db').flatMap((id) => [
    relationGet(id, relationListApp(id), { app: true }),
    relationGet(id, 'web', { app: true }),
  ]);
  return [isLeader(), configGet(), statusGet(), openedPorts(), ...bags];
}

test('the answers are those of the tools, and each tool is run once', async () => {
  const asked = askForEverything();
  const alone = log();
  rmSync(join(dir, 'log'));
  await readAhead(everything);
  expect(askForEverything()).toEqual(asked);
  expect(log()).toEqual(alone);
  expect(asked).toContainEqual({ port: 6881, note: 'a\tb\nc %s' });
  expect(asked).toContainEqual({ of: 'pg in db:7' });
});

test('who asks again gets a new answer', async () => {
  await readAhead(everything);
  expect(isLeader()).toBe(true);
  stand('is-leader', 'echo false');
  expect(isLeader()).toBe(false);
});

test('a write of the hook forgets what was read before it', async () => {
  await readAhead(everything);
  stand('status-get', 'echo \'{"status":"blocked","message":"since"}\'');
  statusSet('blocked', 'since');
  expect(statusGet().message).toBe('since');
});

test('tools run side by side', async () => {
  const both = (own: string, other: string) =>
    `touch ${dir}/${own}; for n in $(seq 500); do [ -e ${dir}/${other} ] && break; sleep 0.01; done; [ -e ${dir}/${other} ] && echo '{"met":true}'`;
  stand('config-get', both('a', 'b'));
  stand('opened-ports', both('b', 'a'));
  await readAhead({ config: true, ports: true });
  stand('config-get', 'exit 1');
  expect(configGet()).toEqual({ met: true });
});

test('a tool that fails is left to the function that asks', async () => {
  stand('relation-get', 'echo "ERROR permission denied" >&2; exit 1');
  await readAhead(everything);
  expect(relationIds('db')).toEqual(['db:3', 'db:7']);
  expect(() => relationGet('db:3', 'pg', { app: true })).toThrow(HookToolError);
});

test.each([
  [
    'a relation that is being broken',
    { JUJU_HOOK_NAME: 'db-relation-broken', JUJU_RELATION: 'db', JUJU_RELATION_ID: 'db:3' },
    'db:3',
  ],
  ['the own databag by a unit that does not lead', {}, '- web'],
])('%s is not read', async (_, environment, text) => {
  if (text === '- web') stand('is-leader', 'echo false');
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  await readAhead({ endpoint: 'db' });
  expect(log().filter((line) => line.includes(text))).toEqual([]);
  expect(log()).toContain('relation-get --format=json -r db:7 --app - pg');
});

test('answers of megabytes do not mix', async () => {
  const long = (word: string) => `printf '{"text":"'; yes ${word} | head -c 1500000 | tr '\\n' ' '; echo '"}'`;
  for (const [tool, word] of [
    ['config-get', 'one'],
    ['relation-get', 'two'],
    ['status-get', 'three'],
  ] as const)
    stand(tool, long(word));
  await readAhead(everything);
  for (const [tool] of [['config-get'], ['relation-get']] as const) stand(tool, 'exit 1');
  expect(new Set(String(configGet().text).trim().split(' '))).toEqual(new Set(['one']));
  expect(relationGet('db:7', 'web', { app: true }).text).toHaveLength(1_500_000);
});

test('without a relation only the ids are asked', async () => {
  stand('relation-ids', "echo '[]'");
  await readAhead({ endpoint: 'db' });
  expect(relationIds('db')).toEqual([]);
  expect(log()).toEqual(['is-leader --format=json', 'relation-ids --format=json db']);
});
