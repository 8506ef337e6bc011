/** @module What changes in the container, from facts alone. */

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
  keyFiles: { privateKey: undefined, presharedKey: undefined },
};
const settled: Workload = {
  plan: { services, checks, 'log-targets': {} },
  service: 'active',
  controlKey: 'k',
  secretId: 'cq8h1abcdefghijklmno',
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
const kinds = (given: Facts, overlayMade = true) => diff(given, overlayMade).map(({ kind }) => kind);

test.each<[string, Facts, boolean, string[]]>([
  [
    'a fresh container',
    facts(empty, { credentials: read }),
    true,
    ['file', 'file', 'file', 'control-key', 'layer', 'start'],
  ],
  ['a pod that is about to be replaced', facts(empty, { credentials: read }), false, []],
  ['nothing to do', facts(settled), true, []],
  ['nothing to do after reading the secret', facts(settled, { credentials: read }), true, []],
  ['a stopped service', facts({ ...settled, service: 'inactive' }), true, ['start']],
  ['a service that Pebble starts again by itself', facts({ ...settled, service: 'backoff' }), true, []],
  ['a lost role file', facts({ ...settled, controlKey: undefined }), true, ['control-key', 'restart']],
  ['lost checks', facts({ ...settled, plan: { ...settled.plan, checks: {} } }), true, ['layer']],
  ['a unit that does not lead', facts(settled, { leader: false }), true, ['stop']],
  ['a unit that does not lead and is stopped', facts(empty, { leader: false }), true, []],
  ['a refused configuration', facts(settled, { parsed: { kind: 'refused', problems: ['x'] } }), true, []],
  ['a refused secret', facts(empty, { credentials: { kind: 'refused', problem: 'x' } }), true, []],
  ['no Pebble', facts(undefined), true, []],
])('%s', (_, given, overlayMade, wanted) => {
  expect(kinds(given, overlayMade)).toEqual(wanted);
});

test('a pre-shared key that is gone is emptied, and no line shows a key', () => {
  const before = { ...settled, keyFiles: { privateKey: KEY, presharedKey: KEY } };
  const changes = diff(facts(before, { credentials: read }), true);
  expect(changes).toMatchObject([{ kind: 'file', content: '' }, { kind: 'restart' }]);
  expect(changes.map(({ line }) => line).join()).not.toContain(KEY);
  expect(roleFile('k')).not.toContain(KEY);
});
