import { type CharmUnderTest, hook, newRelation, relationEvent, run, type State } from '@vpn-k8s/charm-testing';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { charm, fresh, gatewayText, network, object, pythonObjects, rolledOut, statefulSet, writes } from './world.ts';

let client: CharmUnderTest;
/** Related, patched, replaced, proven, started. */
let settled: State;
beforeAll(async () => {
  client = await charm('client');
  const patched = await run(client, hook('config-changed'), related(gatewayText()));
  settled = await run(client, hook('config-changed'), rolledOut(patched, network(hashOf(patched))));
});

const relation = (config?: string) =>
  newRelation('vpn-gateway', 3, 'gluetun', { remoteAppData: config === undefined ? {} : { config } });
const related = (config?: string, change: Partial<State> = {}) => fresh({ relations: [relation(config)], ...change });
const running = (state: State) => state.containers[0]!.running;
const hashOf = (state: State) =>
  /CONFIG_HASH="([0-9a-f]{8})"/.exec((object(state, 'ConfigMap')!.data as Record<string, string>)['settings.sh']!)![1]!;

const all = [
  'patch networkpolicies/alpha-vpn-killswitch',
  'patch configmaps/alpha-gateway-client-config',
  'patch statefulsets/alpha',
];

describe('from relate to routed', () => {
  test('one hook writes policy, ConfigMap, relation and StatefulSet, and stops the workload before', async () => {
    const state = await run(client, hook('config-changed'), related(gatewayText()));
    expect(state.results).toMatchObject({ exit: 0, flushed: true });
    expect(writes(state)).toEqual(all);
    expect(running(state)).toEqual([]);
    expect(JSON.parse(state.relations[0]!.localAppData.config!)).toMatchObject({
      instance_name: 'alpha',
      namespace: 'lab',
    });
    expect(state.unitStatus).toEqual({ status: 'waiting', message: 'the pod is replaced once, for the VPN' });
    expect(state.results!.unitStatuses[0]).toMatchObject({ status: 'maintenance' });
    const { spec } = (object(state, 'StatefulSet')!.spec as { template: { spec: Record<string, { name: string }[]> } })
      .template;
    expect(spec.initContainers!.map(({ name }) => name)).toEqual(['vpn-route-init', 'charm-init']);
    expect(spec.containers!.map(({ name }) => name)).toEqual(['charm', 'web', 'vpn-route-sidecar']);
  });
  test('in the new pod the workload starts; a hook with nothing to do writes nothing', async () => {
    const state = settled;
    expect(state.unitStatus).toEqual({ status: 'active', message: 'through gluetun (exit 185.112.34.56)' });
    expect(running(state)).toEqual(['web']);
    const again = await run(client, hook('update-status'), state);
    expect(again.unitStatus.status).toBe('active');
    expect(writes(again)).toEqual([]);
    expect(again.results!.requests.length).toBeLessThanOrEqual(6);
    expect(again.results!.calls.map(({ tool }) => tool).length).toBeLessThanOrEqual(8);
    expect(object(again, 'StatefulSet')!.metadata.generation).toBe(object(state, 'StatefulSet')!.metadata.generation);
  });
});

const status = (code: number, message: string) =>
  ({ kind: 'status', status: { code, message, reason: code === 422 ? 'Invalid' : 'Forbidden' } }) as const;
const denied =
  'statefulsets.apps "alpha" is forbidden: User "system:serviceaccount:lab:alpha" cannot patch resource "statefulsets" in API group "apps" in the namespace "lab"';

describe.concurrent('the workload does not run', () => {
  test.each([
    ['relation without data', related(), 'waiting', 'gluetun has not sent its data yet'],
    ['bad JSON', related('{"gateway_dns_name":'), 'blocked', 'data of gluetun is refused: config is not JSON'],
    [
      'a shell command',
      related(gatewayText({ gateway_dns_name: '$(reboot)' })),
      'blocked',
      'gateway_dns_name "$(reboot)" is not a DNS name',
    ],
    ['megabytes', related('x'.repeat(2 ** 20)), 'blocked', 'config has 1048576 characters'],
    ['gateway not connected', related(gatewayText({ vpn_connected: false })), 'waiting', 'the pod is replaced once'],
    ['no trust', related(gatewayText(), { trusted: false }), 'blocked', 'run: juju trust alpha --scope=cluster'],
    ['no relation', fresh(), 'blocked', 'no VPN gateway: run: juju integrate alpha:vpn-gateway <gateway>'],
  ])('%s', async (_, before, state, message) => {
    const after = await run(client, hook('config-changed'), before);
    expect(after.results).toMatchObject({ exit: 0 });
    expect(running(after)).toEqual([]);
    expect(after.unitStatus.status).toBe(state);
    expect(after.unitStatus.message).toContain(message);
  });
  test.each([
    [
      'patch refused',
      'statefulsets',
      status(403, denied),
      all,
      'may not patch statefulsets.apps: run: juju trust alpha --scope=cluster',
    ],
    [
      'policy refused',
      'networkpolicies',
      status(403, 'admission webhook "guard" denied the request: no policies here'),
      all.slice(0, 1),
      'the cluster refuses networkpolicies',
    ],
    [
      'policy invalid',
      'networkpolicies',
      status(422, 'NetworkPolicy "x" is invalid'),
      all.slice(0, 1),
      'the cluster refuses networkpolicies',
    ],
  ])('%s: the rest is not written', async (_, resource, fault, reached, message) => {
    const before = related(gatewayText());
    const faults = ['patch', 'apply'].map((verb) => ({ filter: { verb, resource }, fault }));
    const after = await run(client, hook('config-changed'), {
      ...before,
      kubernetes: { ...before.kubernetes!, faults },
    });
    expect(writes(after)).toEqual(reached);
    expect(after.unitStatus).toMatchObject({ status: 'blocked', message: expect.stringContaining(message) });
    expect(running(after)).toEqual([]);
  });
  test('the API server is away: the workload stops, and Juju runs the hook again', async () => {
    const before = related(gatewayText());
    const faults = [{ filter: {}, fault: { kind: 'reset' } as const, times: 1000 }];
    const after = await run(client, hook('config-changed'), {
      ...before,
      kubernetes: { ...before.kubernetes!, faults },
    });
    expect(after.results!.exit).not.toBe(0);
    expect(running(after)).toEqual([]);
  });
});

describe.concurrent('a running workload that is locked', () => {
  test.each([
    ['data withdrawn', { relations: [relation()] }, 'waiting'],
    ['data turned bad', { relations: [relation('{')] }, 'blocked'],
    ['gateway lost its tunnel', { relations: [relation(gatewayText({ vpn_connected: false }))] }, 'waiting'],
  ])('goes on: %s', async (_, change, state) => {
    const before = settled;
    const own = before.relations[0]!.localAppData;
    const relations = change.relations.map((one) => ({ ...one, localAppData: own }));
    const after = await run(client, hook('update-status'), { ...before, relations });
    expect(running(after)).toEqual(['web']);
    expect(after.unitStatus.status).toBe(state);
    expect(writes(after)).toEqual([]);
  });
  test('stops when the lock is gone', async () => {
    const before = settled;
    const after = await run(client, hook('update-status'), { ...before, files: network('', 'vxlan0') });
    expect(running(after)).toEqual([]);
  });
});

test('when the relation goes: stop, un-patch, roll-out seen, ConfigMap; the policy stays while the VPN is required', async () => {
  const before = settled;
  const broken = await run(client, relationEvent('vpn-gateway', 'broken', 3), before);
  expect(running(broken)).toEqual([]);
  expect(writes(broken)).toEqual(['patch statefulsets/alpha']);
  expect(object(broken, 'StatefulSet')!.spec).toEqual(statefulSet().spec);
  const left = { ...rolledOut(broken, network()), relations: [] };
  const clean = await run(client, hook('config-changed'), left);
  expect(writes(clean)).toEqual([
    'patch networkpolicies/alpha-vpn-killswitch',
    'delete configmaps/alpha-gateway-client-config',
  ]);
  const end = await run(client, hook('update-status'), clean);
  expect(writes(end)).toEqual([]);
  expect(object(end, 'NetworkPolicy')).toBeDefined();
  expect(object(end, 'ConfigMap')).toBeUndefined();
  expect(running(end)).toEqual([]);
});

test('in unsafe mode the workload runs again once the pod is without us, and nothing of ours is left', async () => {
  const before = { ...settled, config: { 'unsafe-mode': true } };
  const broken = await run(client, relationEvent('vpn-gateway', 'broken', 3), before);
  expect(running(broken)).toEqual([]);
  const clean = await run(client, hook('config-changed'), { ...rolledOut(broken, network()), relations: [] });
  expect(running(clean)).toEqual(['web']);
  expect(object(clean, 'NetworkPolicy')).toBeUndefined();
  expect(object(clean, 'ConfigMap')).toBeUndefined();
});

test.each(['0.5.0', '0.6.4'])(
  'an application of charmarr-lib-vpn %s is taken over in one patch, without doubled objects',
  async (version) => {
    const before = related(gatewayText());
    const others = before.kubernetes!.objects.filter(({ kind }) => kind !== 'StatefulSet' && kind !== 'Pod');
    const state = await run(client, hook('upgrade-charm'), {
      ...before,
      kubernetes: { objects: [...others, ...pythonObjects(version)] },
    });
    expect(writes(state)).toEqual(all);
    const kinds = state
      .kubernetes!.objects.filter(({ metadata }) => metadata.namespace === 'lab')
      .map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'NetworkPolicy' || kind === 'ConfigMap')).toHaveLength(2);
    const { spec } = (object(state, 'StatefulSet') as unknown as StatefulSet).spec!.template;
    expect(spec!.initContainers!.map(({ name }) => name)).toEqual(['vpn-route-init', 'charm-init']);
    const ours = [...spec!.initContainers!, ...spec!.containers].filter(({ name }) => name.startsWith('vpn-route'));
    expect(ours.map(({ name, env }) => [name, env])).toEqual([
      ['vpn-route-init', undefined],
      ['vpn-route-sidecar', undefined],
    ]);
    expect(spec!.volumes!.filter(({ name }) => name === 'pod-gateway-config')).toHaveLength(1);
    const again = await run(client, hook('update-status'), rolledOut(state, network(hashOf(state))));
    expect(writes(again)).toEqual([]);
    expect(again.unitStatus.status).toBe('active');
  },
);
