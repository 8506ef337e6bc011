/** @module What changes in the container, from facts alone. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roleFile } from './control.ts';
import { desiredLayer } from './desired.ts';
import { diff } from './diff.ts';
import type { Facts, Workload } from './gather.ts';
import { parseSettings } from './settings.ts';

const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=';
const parsed = parseSettings(
  {
    'cluster-cidrs': '10.1.0.0/16',
    'vpn-provider': 'protonvpn',
    'vpn-type': 'wireguard',
    credentials: 'secret:cq8h1abcdefghijklmno',
    'dns-address': '10.2.0.1',
  },
  'gluetun',
);
if (parsed.kind !== 'settings') throw new Error(parsed.problems.join());
const { services = {}, checks = {} } = desiredLayer(parsed.settings);

const empty: Workload = {
  plan: { services: {}, checks: {}, 'log-targets': {} },
  service: undefined,
  controlKey: undefined,
  secretId: undefined,
  seen: undefined,
  keyFiles: { privateKey: undefined, presharedKey: undefined },
};
const settled: Workload = {
  plan: { services, checks, 'log-targets': {} },
  service: 'active',
  controlKey: 'k',
  secretId: 'cq8h1abcdefghijklmno',
  seen: 'down',
  keyFiles: { privateKey: KEY, presharedKey: undefined },
};
const facts = (workload: Workload | undefined, more: Partial<Facts> = {}): Facts => ({
  application: 'gluetun',
  unit: 'gluetun/0',
  leader: true,
  parsed,
  workload,
  control: { status: undefined, publicIp: undefined, country: undefined, city: undefined },
  credentials: { kind: 'known' },
  ...more,
});
const read = { kind: 'read', keys: { privateKey: KEY, presharedKey: undefined } } as const;
const kinds = (given: Facts, overlay: string | undefined) => diff(given, overlay).map(({ kind }) => kind);

test.each<[string, Facts, string | undefined, string[]]>([
  [
    'a fresh container',
    facts(empty, { credentials: read }),
    'starting',
    ['file', 'file', 'file', 'file', 'control-key', 'layer', 'start'],
  ],
  ['a pod that is about to be replaced', facts(empty, { credentials: read }), undefined, []],
  ['nothing to do', facts(settled), 'starting', []],
  ['nothing to do after reading the secret', facts(settled, { credentials: read }), 'starting', []],
  ['a stopped service', facts({ ...settled, service: 'inactive' }), 'starting', ['start']],
  ['a service that Pebble starts again by itself', facts({ ...settled, service: 'backoff' }), 'starting', []],
  ['a lost role file', facts({ ...settled, controlKey: undefined }), 'starting', ['control-key', 'restart']],
  ['lost checks', facts({ ...settled, plan: { ...settled.plan, checks: {} } }), 'starting', ['layer']],
  ['a unit that does not lead', facts(settled, { leader: false }), 'starting', ['stop']],
  ['a unit that does not lead and is stopped', facts(empty, { leader: false }), 'starting', []],
  ['a refused configuration', facts(settled, { parsed: { kind: 'refused', problems: ['x'] } }), 'starting', []],
  ['a refused secret', facts(empty, { credentials: { kind: 'refused', problem: 'x' } }), 'starting', []],
  ['no Pebble', facts(undefined), 'starting', []],
])('%s', (_, given, overlay, wanted) => {
  expect(kinds(given, overlay)).toEqual(wanted);
});

test('a pre-shared key that is gone is emptied, and no line shows a key', () => {
  const before = { ...settled, keyFiles: { privateKey: KEY, presharedKey: KEY } };
  const changes = diff(facts(before, { credentials: read }), 'starting');
  expect(changes).toMatchObject([{ kind: 'file', content: '' }, { kind: 'restart' }]);
  expect(changes.map(({ line }) => line).join()).not.toContain(KEY);
  expect(roleFile('k')).not.toContain(KEY);
});

test('a tunnel that is up, or has another exit, is remembered without a restart', () => {
  const control = { status: 'running', publicIp: '203.0.113.5', country: undefined, city: undefined };
  const up = facts(settled, { control });
  expect(diff(up, 'up')).toMatchObject([{ kind: 'file', path: '/run/vpn-k8s/seen', content: 'up 203.0.113.5' }]);
  expect(diff(facts({ ...settled, seen: 'up 203.0.113.5' }, { control }), 'up')).toEqual([]);
  expect(diff(facts({ ...settled, seen: 'up 203.0.113.9' }, { control }), 'up')).toHaveLength(1);
});

const shell = (files: Record<string, string>) => {
  const dir = mkdtempSync(join(tmpdir(), 'news-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  const command = /^\/bin\/sh -c "(.*)"$/.exec(checks.news?.exec?.command ?? '')?.[1] ?? '';
  const script = command
    .replaceAll('\\"', '"')
    .replace(/\/\S*ifalias/, join(dir, 'alias'))
    .replace(/\/\S*\/ip;/, `${join(dir, 'ip')};`)
    .replace(/\/\S*seen/, join(dir, 'seen'));
  const { status } = spawnSync('sh', ['-c', script], { stdio: 'ignore' });
  rmSync(dir, { recursive: true });
  return status === 0;
};

test.each<[string, Record<string, string>, boolean]>([
  ['down and known so', { alias: '0a1b2c3d no-tunnel\n', ip: '', seen: 'down' }, true],
  ['no overlay at all', { seen: 'down' }, true],
  ['up without an address', { alias: '0a1b2c3d up\n', ip: '', seen: 'down' }, true],
  ['up is news', { alias: '0a1b2c3d up\n', ip: '203.0.113.5', seen: 'down' }, false],
  ['up and known so', { alias: '0a1b2c3d up\n', ip: '203.0.113.5', seen: 'up 203.0.113.5' }, true],
  ['another exit is news', { alias: '0a1b2c3d up\n', ip: '203.0.113.9', seen: 'up 203.0.113.5' }, false],
  ['gone is news', { alias: '0a1b2c3d down\n', ip: '203.0.113.5', seen: 'up 203.0.113.5' }, false],
  ['nothing known yet is news', { alias: '0a1b2c3d starting\n' }, false],
])('the check news: %s', (_, files, quiet) => {
  expect(shell(files)).toBe(quiet);
});
