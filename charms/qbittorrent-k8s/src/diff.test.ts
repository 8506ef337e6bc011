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
  gateway,
});
const ready = verdict('ready', true, false);
const lockedButWaiting = verdict('waiting', false, false);
const unproven = verdict('waiting', false, true);

const noPlan = { services: {}, checks: {}, 'log-targets': {} };
const credentials = { username: 'admin', password: 'p', pbkdf2: '@ByteArray(a:b)' };
const facts = (given: Partial<Facts>, workload: Partial<Workload> = {}): Facts => ({
  config: parseConfig({}).config,
  verdict: ready,
  leader: true,
  openedPorts: ['8080/tcp'],
  workload: { plan: noPlan, running: false, conf: '', credentials: undefined, ...workload },
  ...given,
});

/** The facts after everything was applied. */
function settled(given: Partial<Facts> = {}, running = true): Facts {
  const before = facts(given);
  const { layer, conf } = desired(before);
  const plan = { services: layer.services ?? {}, checks: layer.checks ?? {}, 'log-targets': {} };
  const text = mergeConf(mergeConf('', conf), { Preferences: { 'WebUI\\Password_PBKDF2': '"x"' } });
  return facts(given, { plan, running, conf: text });
}

const lines = (given: Facts) => diff(given, desired(given)).map(({ kind }) => kind);

test.each([
  { name: 'first hook, all proven', given: facts({}), kinds: ['credentials', 'conf', 'layer', 'start'] },
  {
    name: 'first hook, not proven: everything but the start',
    given: facts({ verdict: unproven }),
    kinds: ['credentials', 'conf', 'layer'],
  },
  { name: 'no Pebble: only the port', given: { ...facts({ openedPorts: [] }), workload: undefined }, kinds: ['port'] },
  { name: 'nothing differs', given: settled(), kinds: [] },
  { name: 'not the leader, no credentials yet: no start', given: facts({ leader: false }), kinds: ['layer'] },
  {
    name: 'not the leader, credentials there',
    given: facts({ leader: false }, { credentials }),
    kinds: ['conf', 'layer', 'start'],
  },
  { name: 'settled and stopped, proven: start', given: settled({}, false), kinds: ['start'] },
  { name: 'settled and stopped, not proven: nothing', given: settled({ verdict: unproven }, false), kinds: [] },
  { name: 'running, locked, gateway away: goes on', given: settled({ verdict: lockedButWaiting }), kinds: [] },
])('$name', ({ given, kinds }) => {
  expect(lines(given)).toEqual(kinds);
});

test('a running workload is restarted when its configuration changes and it may run', () => {
  const before = settled();
  const changed = { ...before, config: { ...before.config, listenPort: 7000 } };
  expect(lines(changed)).toEqual(['stop', 'conf', 'start']);
});

test('a running workload that may not be started is not touched', () => {
  const before = settled({ verdict: lockedButWaiting });
  const changed = { ...before, config: { ...before.config, listenPort: 7000 } };
  expect(lines(changed)).toEqual([]);
});

test('the forwarded port is the listen port', () => {
  const given = facts({ verdict: { ...ready, gateway: { ...gateway, forwardedPorts: [43210] } } });
  expect(desired(given).conf.BitTorrent?.['Session\\Port']).toBe('43210');
});

test('the service never starts by itself', () => {
  expect(desired(facts({})).layer.services?.qbittorrent?.startup).toBe('disabled');
});
