/** @module The charm hook by hook: qBittorrent runs only in a pod that is proven, and an unchanged world costs nothing. */

import {
  action,
  type CharmUnderTest,
  checkEvent,
  hook,
  pebbleReady,
  relationEvent,
  run,
  type State,
} from '@vpn-k8s/charm-testing';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  container,
  fresh,
  gateway,
  gatewayText,
  hashOf,
  inNewPod,
  network,
  object,
  proven,
  qbittorrentCharm,
  RUNS,
  told,
} from './world.ts';

let charm: CharmUnderTest;
/** Related, patched, in the new pod, proven; qBittorrent is not started yet. */
let ready: State;
/** The same after the next hook: qBittorrent runs. */
let running: State;
beforeAll(async () => {
  charm = await qbittorrentCharm();
  ready = await proven(charm);
  running = await run(charm, hook('config-changed'), ready);
});

const configured = (state: State) => run(charm, hook('config-changed'), state);
const updated = (state: State) => run(charm, hook('update-status'), state);
const related = (text?: string, change: Partial<State> = {}) => fresh({ relations: [gateway(text)], ...change });

/** Everything that Pebble was asked to do with qBittorrent in the hook, e.g. `start Done`. */
const changes = (state: State) => state.results!.changes.map(({ kind, status }) => `${kind} ${status}`);
const runs = (state: State) => state.containers[0]!.files[RUNS] ?? '';
const conf = (state: State) => state.containers[0]!.files['/config/qBittorrent/config/qBittorrent.conf'] ?? '';
const tools = (state: State) => state.results!.calls.map(({ tool }) => tool);
const writes = (state: State) =>
  state
    .results!.requests.filter(({ verb }) => !['get', 'list'].includes(verb))
    .map(({ verb, path }) => `${verb} ${path.split('/').slice(-2).join('/')}`);

/** Not started, and not started and stopped again either; nothing has been left in error. */
function expectNotOneMoment(state: State): void {
  expect(state.results).toMatchObject({ exit: 0, flushed: true });
  expect(changes(state)).toEqual([]);
  expect(runs(state)).toBe('');
  expect(state.containers[0]!.running).toEqual([]);
  expect(state.containers[0]!.plan.services.qbittorrent?.startup ?? 'disabled').toBe('disabled');
}

const forbidden = (message: string) =>
  ({ kind: 'status', status: { code: 403, reason: 'Forbidden', message } }) as const;
const mayNot =
  'statefulsets.apps "qbittorrent" is forbidden: User "system:serviceaccount:lab:qbittorrent" cannot patch resource "statefulsets" in API group "apps" in the namespace "lab"';
const refusing = (resource: string, message: string): State => {
  const state = related(gatewayText());
  const faults = ['patch', 'apply'].map((verb) => ({ filter: { verb, resource }, fault: forbidden(message) }));
  return { ...state, kubernetes: { ...state.kubernetes!, faults } };
};

describe.concurrent('qBittorrent does not run for one moment', () => {
  test.each<[string, () => State, string, string]>([
    ['no relation', () => fresh(), 'blocked', 'no VPN gateway: run: juju integrate qbittorrent:vpn-gateway <gateway>'],
    ['relation without data', () => related(), 'waiting', 'gluetun has not sent its data yet'],
    ['bad JSON', () => related('{"gateway_dns_name":'), 'blocked', 'data of gluetun is refused: config is not JSON'],
    ['a route for everything', () => related(gatewayText({ cluster_cidrs: '0.0.0.0/0' })), 'blocked', 'is refused'],
    [
      'gateway not connected',
      () => related(gatewayText({ vpn_connected: false })),
      'waiting',
      'the pod is replaced once',
    ],
    ['gateway connected, pod not replaced', () => related(gatewayText()), 'waiting', 'the pod is replaced once'],
    [
      'proven, but the gateway is not connected',
      () => told(ready, gatewayText({ vpn_connected: false })),
      'waiting',
      'gluetun is not connected',
    ],
    ['the new pod is not locked', () => ({ ...ready, files: network() }), 'waiting', 'the lock of this pod is not set'],
    ['the alias is of another configuration', () => ({ ...ready, files: network('00000000') }), 'waiting', 'earlier'],
    ['without --trust', () => related(gatewayText(), { trusted: false }), 'blocked', 'juju trust qbittorrent'],
    ['patch refused', () => refusing('statefulsets', mayNot), 'blocked', 'juju trust qbittorrent --scope=cluster'],
    [
      'policy refused',
      () => refusing('networkpolicies', 'admission webhook "guard" denied the request: none here'),
      'blocked',
      'the cluster refuses networkpolicies',
    ],
    [
      'a unit that does not lead, before the leader has patched',
      () => related(gatewayText(), { leader: false }),
      'waiting',
      'the leader has not patched the StatefulSet yet',
    ],
  ])('%s', async (_, state, status, sentence) => {
    const after = await configured(state());
    expect(after.unitStatus).toEqual({ status, message: expect.stringContaining(sentence) });
    expectNotOneMoment(after);
  });

  test('the API server is away: not even then', async () => {
    const state = related(gatewayText());
    const faults = [{ filter: {}, fault: { kind: 'reset' } as const, times: 1000 }];
    const after = await configured({ ...state, kubernetes: { ...state.kubernetes!, faults } });
    expect(after.results!.exit).toBe(1);
    expect(changes(after)).toEqual([]);
  });

  test('a container that restarts in a pod that is not locked', async () => {
    const after = await run(charm, pebbleReady('qbittorrent'), { ...ready, files: network() });
    expectNotOneMoment(after);
  });
});

describe.concurrent('qBittorrent that runs is stopped first', () => {
  test.each<[string, () => State]>([
    ['the lock is gone', () => ({ ...running, files: network() })],
    ['there is no relation (any more)', () => ({ ...running, relations: [] })],
  ])('%s', async (_, state) => {
    const after = await updated(state());
    expect(changes(after)).toEqual(['stop Done']);
    expect(after.containers[0]!.running).toEqual([]);
  });
});

test('a patched and proven pod starts it, once, with the listen port and bound to the tunnel', () => {
  expect(running.unitStatus).toEqual({ status: 'active', message: 'through gluetun (exit 203.0.113.5)' });
  expect(changes(running)).toEqual(['start Done']);
  expect(runs(running)).toBe('port 6881\n');
  expect(conf(running)).toContain('Session\\InterfaceName=vxlan0\n');
  expect(running.containers[0]!.plan.checks.vpn).toMatchObject({ tcp: { host: '172.16.0.1', port: 53 } });
  expect(writes(running)).toEqual([]);
});

test('a hook with nothing to do writes nothing: API server, databag, plan, files, status, log', async () => {
  const again = await updated(running);
  expect(again.results!.requests.length).toBeLessThanOrEqual(6);
  expect(writes(again)).toEqual([]);
  expect(tools(again).sort()).toEqual([
    'config-get',
    'is-leader',
    'opened-ports',
    'relation-get',
    'relation-get',
    'relation-ids',
    'relation-list',
    'status-get',
  ]);
  expect(again.results!.log.filter(({ level }) => level !== 'DEBUG')).toEqual([]);
  expect(changes(again)).toEqual([]);
  expect(again.relations).toEqual(running.relations);
  expect(again.containers[0]!.plan).toEqual(running.containers[0]!.plan);
  expect(conf(again)).toBe(conf(running));
});

describe.concurrent('a running and locked qBittorrent goes on', () => {
  test.each<[string, () => State, string, string]>([
    ['gateway lost', () => told(running, gatewayText({ vpn_connected: false })), 'waiting', 'gluetun is not connected'],
    ['bad data', () => told(running, '{'), 'blocked', 'data of gluetun is refused'],
    [
      'no data',
      () => ({ ...running, relations: [{ ...running.relations[0]!, remoteAppData: {} }] }),
      'waiting',
      'gluetun has not sent',
    ],
    [
      'a bad value is configured',
      () => ({ ...running, config: { uid: 0, gid: 0, 'listen-port': 80 } }),
      'blocked',
      'config listen-port is 80; it must be 1024 to 65535 except 8080',
    ],
    [
      'gateway lost, another port configured',
      () =>
        told({ ...running, config: { uid: 0, gid: 0, 'listen-port': 7000 } }, gatewayText({ vpn_connected: false })),
      'waiting',
      'not connected',
    ],
  ])('%s', async (_, state, status, sentence) => {
    const after = await run(charm, checkEvent('qbittorrent', 'vpn', 'failed'), state());
    expect(after.unitStatus).toEqual({ status, message: expect.stringContaining(sentence) });
    expect(after.results!.exit).toBe(0);
    expect(changes(after)).toEqual([]);
    expect(after.containers[0]!.running).toEqual(['qbittorrent']);
    expect(writes(after)).toEqual([]);
    expect(conf(after)).toBe(conf(running));
    expect(after.containers[0]!.plan).toEqual(running.containers[0]!.plan);
  });
});

describe.concurrent('configuration', () => {
  test('another listen port restarts it', async () => {
    const after = await configured({ ...running, config: { uid: 0, gid: 0, 'listen-port': 7000 } });
    expect(changes(after)).toEqual(['stop Done', 'start Done']);
    expect(runs(after)).toContain('port 7000\n');
    expect(after.unitStatus.status).toBe('active');
    expect(writes(after)).toEqual([]);
  });
  test('a port that the gateway forwards takes its place', async () => {
    const after = await run(
      charm,
      relationEvent('vpn-gateway', 'changed', 3),
      told(running, gatewayText({ forwarded_ports: [43210] })),
    );
    expect(changes(after)).toEqual(['stop Done', 'start Done']);
    expect(runs(after)).toContain('port 43210\n');
  });
  test("the user's own keys and password stay", async () => {
    const own = `${conf(running).replace(/PBKDF2=.*/, 'PBKDF2="mine"')}WebUI\\Locale=nl\n`;
    const files = { ...running.containers[0]!.files, '/config/qBittorrent/config/qBittorrent.conf': own };
    const after = await configured({
      ...running,
      config: { uid: 0, gid: 0, 'listen-port': 7000 },
      containers: [{ ...running.containers[0]!, files }],
    });
    expect(conf(after)).toBe(own.replace('Port=6881', 'Port=7000'));
  });
  test.each([
    [{ 'listen-port': 80 }, 'config listen-port is 80; it must be 1024 to 65535 except 8080'],
    [{ uid: 170 }, 'config uid is 170; it must be 0 to 65534 except 170'],
    [{ 'cluster-cidrs': '0.0.0.0/0' }, 'cluster-cidrs'],
  ])('%o is refused, and a stopped qBittorrent is not started', async (config, sentence) => {
    const after = await configured({ ...ready, config });
    expect(after.unitStatus).toEqual({ status: 'blocked', message: expect.stringContaining(sentence) });
    expectNotOneMoment(after);
  });
  // Why only then: a user namespace of one's own knows no uid 1000.
  test.runIf(process.getuid?.() === 0)('the default user owns process and file', async () => {
    const after = await configured({ ...ready, config: {} });
    expect(after.containers[0]!.plan.services.qbittorrent).toMatchObject({ 'user-id': 1000, 'group-id': 1000 });
    expect(after.unitStatus.status).toBe('active');
  });
});

describe.concurrent('unsafe mode', () => {
  const config = { uid: 0, gid: 0, 'unsafe-mode': true };
  test('without a relation it runs, and says so', async () => {
    const after = await configured(fresh({ config }));
    expect(after.unitStatus).toEqual({ status: 'active', message: 'runs without VPN' });
    expect(changes(after)).toEqual(['start Done']);
    expect(conf(after)).toContain('Session\\InterfaceName=\n');
    expect(object(after, 'NetworkPolicy')).toBeUndefined();
  });
  test('with a relation it is held as ever', async () => {
    expectNotOneMoment(await configured(related(gatewayText(), { config })));
    expectNotOneMoment(await configured(related(undefined, { config })));
  });
  test('after the relation it waits for a pod without us, and then runs again', async () => {
    const broken = await run(charm, relationEvent('vpn-gateway', 'broken', 3), { ...running, config });
    expect(changes(broken)).toEqual(['stop Done']);
    expect(broken.unitStatus).toEqual({ status: 'waiting', message: 'leaving the VPN: the pod is replaced' });
    const clean = await configured({ ...inNewPod(broken, network()), relations: [] });
    expect(changes(clean)).toEqual(['start Done']);
    expect(conf(clean)).toContain('Session\\InterfaceName=\n');
  });
});

describe.concurrent('credentials', () => {
  test('are made once, by the leader, before qBittorrent is configured, and shown by the action', async () => {
    const made = await configured(related(gatewayText(), { secrets: [] }));
    expect(made.secrets).toMatchObject([{ label: 'web-credentials', owner: 'application' }]);
    expect(conf(made)).toBe('');
    const inside = await configured(inNewPod(made, network(hashOf(made))));
    expect(inside.unitStatus.status).toBe('active');
    const { username, password, pbkdf2 } = made.secrets[0]!.content as Record<string, string>;
    expect(inside.secrets.map(({ content }) => content)).toEqual([{ username, password, pbkdf2 }]);
    expect(conf(inside)).toContain(`WebUI\\Password_PBKDF2="${pbkdf2}"`);
    const shown = await run(charm, action('get-credentials'), inside);
    expect(shown.results!.action!.results).toEqual({ username, password });
  });
  test('that Juju dropped with a failed hook are in no file', async () => {
    const state = related(gatewayText(), { secrets: [] });
    const faults = [{ filter: {}, fault: { kind: 'reset' } as const, times: 1000 }];
    const failed = await configured({ ...state, kubernetes: { ...state.kubernetes!, faults } });
    expect(failed.secrets).toEqual([]);
    expect(conf(failed)).toBe('');
  });
  test('are read by a unit that does not lead, which writes nothing of the application', async () => {
    const follower = { ...ready, leader: false, containers: [container()] };
    const after = await configured(follower);
    expect(after.unitStatus.status).toBe('active');
    expect(conf(after)).toContain(ready.secrets[0]!.content.pbkdf2);
    expect(after.secrets).toHaveLength(1);
    expect(after.relations[0]!.localAppData).toEqual(ready.relations[0]!.localAppData);
    expect(writes(after)).toEqual([]);
  });
  test('that are not there yet keep such a unit waiting', async () => {
    const after = await configured({ ...ready, leader: false, secrets: [], containers: [container()] });
    expect(after.unitStatus).toEqual({ status: 'waiting', message: expect.stringContaining('credentials') });
    expectNotOneMoment(after);
  });
  test('the action says so when there are none', async () => {
    const after = await run(charm, action('get-credentials'), fresh({ secrets: [] }));
    expect(after.results!.exit).toBe(0);
    expect(after.results!.action).toMatchObject({ results: {}, failure: expect.stringContaining('leader makes them') });
  });
});

describe.concurrent('the container', () => {
  test('whose Pebble is not there is waited for', async () => {
    const after = await configured({ ...ready, containers: [container({ canConnect: false })] });
    expect(after.unitStatus).toEqual({ status: 'waiting', message: 'for the container qbittorrent to start' });
    expect(after.results!.exit).toBe(0);
  });
  test('that restarted has lost layer and service, and gets both back', async () => {
    const files = running.containers[0]!.files;
    const restarted = { ...running, containers: [container({ files })] };
    const after = await run(charm, pebbleReady('qbittorrent'), restarted);
    expect(changes(after)).toEqual(['start Done']);
    expect(after.containers[0]!.plan).toEqual(running.containers[0]!.plan);
    expect(conf(after)).toBe(conf(running));
    expect(tools(after)).not.toContain('secret-get');
  });
  test('with a qBittorrent that ends at once is a status, not a failed hook', async () => {
    const programs = { 'qbittorrent-nox': '#!/bin/sh\necho no library\nexit 3\n' };
    const after = await configured({ ...ready, containers: [container({ programs })] });
    expect(after.results).toMatchObject({ exit: 0, flushed: true });
    expect(after.unitStatus).toEqual({
      status: 'blocked',
      message: expect.stringContaining('qBittorrent does not start: '),
    });
    expect(after.unitStatus.message).not.toContain('\n');
  });
});
