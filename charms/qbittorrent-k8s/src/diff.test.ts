/** @module Which effects follow from which facts: the workload starts only when the verdict says so. */

import { expect, test } from 'vitest';
import type { Verdict } from 'vpn-k8s-lib';
import { mergeConf } from './conf.ts';
import { parseConfig } from './config.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import type { Facts, Workload } from './gather.ts';

const gateway = {
  app: 'gluetun',
  namespace: 'vpn',
  routingMethod: 'pod-gateway',
  connected: true,
  externalIp: '203.0.113.5',
  dnsIp: '172.16.0.1',
  location: undefined,
  forwardedPorts: [],
  clusterDomain: 'cluster.local',
};
const verdict = (state: Verdict['state'], may: boolean, must: boolean): Verdict => ({
  state,
  reason: '',
  changed: false,
  mayStartWorkload: may,
  mustStopWorkload: must,
  leader: true,
  gateway,
});
const ready = verdict('ready', true, false);
const follower = { ...ready, leader: false };
const lockedButWaiting = verdict('waiting', false, false);
const unproven = verdict('waiting', false, true);
const { gateway: _, ...dataBad } = verdict('blocked', false, false);
const { gateway: __, ...gone } = verdict('unrelated', false, true);

const noPlan = { services: {}, checks: {}, 'log-targets': {} };
const credentials = { username: 'admin', password: 'p', pbkdf2: '@ByteArray(a:b)' };
const facts = (given: Partial<Facts>, workload: Partial<Workload> = {}): Facts => ({
  unit: 'qbittorrent/0',
  config: parseConfig({}).config,
  verdict: ready,
  openedPorts: ['8080/tcp'],
  workload: { plan: noPlan, service: 'inactive', conf: '', ...workload },
  needsPassword: true,
  credentials,
  ...given,
});

/** The facts after everything was applied. */
function settled(given: Partial<Facts> = {}, service: Workload['service'] = 'active'): Facts {
  const before = facts(given);
  const { layer, conf } = desired(before);
  const plan = { services: layer.services ?? {}, checks: layer.checks ?? {}, 'log-targets': {} };
  const text = mergeConf(mergeConf('', conf), { Preferences: { 'WebUI\\Password_PBKDF2': '"x"' } });
  return facts({ needsPassword: false, credentials: undefined, ...given }, { plan, service, conf: text });
}

const kindsOf = (given: Facts) => diff(given, desired(given)).map(({ kind }) => kind);
const none = { credentials: undefined };

test.each([
  {
    name: 'first hook: credentials are made, and used from the next on',
    given: facts(none),
    kinds: ['credentials', 'layer'],
  },
  { name: 'all proven', given: facts({}), kinds: ['conf', 'layer', 'start'] },
  { name: 'not proven: everything but the start', given: facts({ verdict: unproven }), kinds: ['conf', 'layer'] },
  {
    name: 'no Pebble: credentials and port',
    given: { ...facts({ ...none, openedPorts: [] }), workload: undefined },
    kinds: ['credentials', 'port'],
  },
  { name: 'nothing differs', given: settled(), kinds: [] },
  {
    name: 'not the leader, no credentials yet: no start',
    given: facts({ ...none, verdict: follower }),
    kinds: ['layer'],
  },
  { name: 'not the leader, credentials there', given: facts({ verdict: follower }), kinds: ['conf', 'layer', 'start'] },
  { name: 'settled and stopped, proven: start', given: settled({}, 'inactive'), kinds: ['start'] },
  { name: 'Pebble gave up, proven: start', given: settled({}, 'error'), kinds: ['start'] },
  { name: 'Pebble tries again by itself: nothing', given: settled({}, 'backoff'), kinds: [] },
  { name: 'settled and stopped, not proven: nothing', given: settled({ verdict: unproven }, 'inactive'), kinds: [] },
  { name: 'running, locked, gateway away: goes on', given: settled({ verdict: lockedButWaiting }), kinds: [] },
  {
    name: 'running, locked, data of the gateway bad: its check stays too',
    given: { ...settled(), verdict: dataBad },
    kinds: [],
  },
  {
    name: 'stopped, data of the gateway bad: its check stays',
    given: { ...settled({}, 'inactive'), verdict: dataBad },
    kinds: [],
  },
  {
    name: 'the relation has gone: nothing is dialled any more',
    given: { ...settled({}, 'inactive'), verdict: gone },
    kinds: ['layer'],
  },
])('$name', ({ given, kinds }) => {
  expect(kindsOf(given)).toEqual(kinds);
});

test('a running workload is restarted when its configuration changes and it may run', () => {
  const before = settled();
  const changed = { ...before, config: { ...before.config, listenPort: 7000 } };
  expect(kindsOf(changed)).toEqual(['stop', 'conf', 'start']);
});

test.each([{ listenPort: 7000 }, { uid: 1001 }])(
  'a running workload that may not be started is not touched: %o',
  (change) => {
    const before = settled({ verdict: lockedButWaiting });
    const changed = { ...before, config: { ...before.config, ...change } };
    expect(kindsOf(changed)).toEqual([]);
  },
);

test('the password goes into the file with the first credentials, and stays what the user makes of it', () => {
  const text = (given: Facts) => diff(given, desired(given)).find((change) => change.kind === 'conf')?.text ?? '';
  expect(text(facts({}))).toContain('WebUI\\Username=admin\nWebUI\\Password_PBKDF2="@ByteArray(a:b)"');
  const before = settled();
  const changed = { ...before, config: { ...before.config, listenPort: 7000 } };
  expect(text(changed)).toContain('WebUI\\Password_PBKDF2="x"');
});

test('the forwarded port is the listen port', () => {
  const given = facts({ verdict: { ...ready, gateway: { ...gateway, forwardedPorts: [43210] } } });
  expect(desired(given).conf.BitTorrent?.['Session\\Port']).toBe('43210');
});

test('the service never starts by itself', () => {
  expect(desired(facts({})).layer.services?.qbittorrent?.startup).toBe('disabled');
});
