import { type CharmUnderTest, hook, newContainer, newRelation, run, type State } from '@vpn-k8s/charm-testing';
import { beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readGateway } from '../src/relation/gateway.ts';
import { charm, fresh, network, object, rolledOut, writes } from './world.ts';

let gateway: CharmUnderTest;
/** The first hook of a gateway with three clients, one of them hostile. */
let patched: State;
beforeAll(async () => {
  gateway = await charm('gateway');
  patched = await run(gateway, hook('config-changed'), quiet({ relations: clients }));
});

const quiet = (change: Partial<State>) => fresh({ containers: [newContainer('web')], ...change });
const clients = [
  newRelation('vpn-gateway', 3, 'qbittorrent', { remoteAppData: { config: '{"instance_name":"qbittorrent"}' } }),
  newRelation('vpn-gateway', 4, 'sabnzbd', {
    remoteAppData: { config: '{"instance_name":"sabnzbd","namespace":"news"}' },
  }),
  newRelation('vpn-gateway', 5, 'hostile', { remoteAppData: { config: '{"instance_name":"$(id)"}' } }),
];
const settings = (state: State) => (object(state, 'ConfigMap')!.data as Record<string, string>)['settings.sh']!;
const hashOf = (state: State) => /CONFIG_HASH="([0-9a-f]{8})"/.exec(settings(state))![1]!;
const published = (state: State) => state.relations.map(({ localAppData }) => localAppData.config);

test('the gateway patches itself and tells every client, connected only when its agent is', async () => {
  expect(patched.results).toMatchObject({ exit: 0, flushed: true });
  expect(writes(patched)).toEqual([
    'patch networkpolicies/alpha-vpn-gateway',
    'patch configmaps/alpha-gateway-settings',
    'patch statefulsets/alpha',
  ]);
  expect(settings(patched)).toContain(
    'CLIENT_NAMES="qbittorrent-endpoints.lab.svc.cluster.local sabnzbd-endpoints.news.svc.cluster.local"',
  );
  for (const text of published(patched))
    expect(readGateway(text)).toMatchObject({ kind: 'gateway', gateway: { connected: false, externalIp: null } });

  const files = { ...network(`${hashOf(patched)} up`, 'eth0'), '/sys/class/net/tun0/mtu': '1320\n' };
  const up = await run(gateway, hook('config-changed'), rolledOut(patched, files));
  expect(up.unitStatus).toEqual({
    status: 'active',
    message:
      'serving 2 clients; data of hostile is refused: instance_name "$(id)" is not a name: lower-case letters, digits and hyphens, at most 63',
  });
  for (const text of published(up)) {
    expect(readGateway(text)).toMatchObject({
      kind: 'gateway',
      gateway: {
        connected: true,
        externalIp: '203.0.113.5',
        app: 'alpha',
        namespace: 'lab',
        mtu: 1320,
        ips: ['10.1.0.10'],
        vxlanPort: 4790,
      },
    });
  }
  const again = await run(gateway, hook('update-status'), up);
  expect(writes(again)).toEqual([]);
  expect(again.results!.requests.length).toBeLessThanOrEqual(6);
  expect(again.results!.calls.filter(({ tool }) => tool === 'relation-set')).toEqual([]);
});

test('what it puts into its own pod', async () => {
  const bodies = patched.results!.requests.filter(({ verb }) => verb === 'patch').map(({ body }) => body);
  const text = stringify([settings(patched), bodies.at(-1)]).replaceAll(hashOf(patched), 'HASH');
  await expect(text).toMatchFileSnapshot('golden/gateway-patch.yaml');
});

test.each([
  ['no-forwarding', 'the pod may not forward packets'],
  ['down', 'the tunnel does not answer'],
  ['no-rules', "the gateway's firewall rules could not be made"],
])('the agent says %s: clients are told that it is not connected', async (word, message) => {
  const state = await run(
    gateway,
    hook('config-changed'),
    rolledOut(patched, network(`${hashOf(patched)} ${word}`, 'eth0')),
  );
  expect(state.unitStatus).toMatchObject({ status: 'waiting', message: expect.stringContaining(message) });
  expect(readGateway(published(state)[0])).toMatchObject({ gateway: { connected: false } });
});

test('a client that comes later restarts no pod', async () => {
  const late = newRelation('vpn-gateway', 9, 'radarr', { remoteAppData: { config: '{"instance_name":"radarr"}' } });
  const files = network(`${hashOf(patched)} up`, 'eth0');
  const state = await run(gateway, hook('config-changed'), {
    ...rolledOut(patched, files),
    relations: [...patched.relations, late],
  });
  expect(writes(state)).toEqual(['patch configmaps/alpha-gateway-settings']);
});

test('without trust it says what to run', async () => {
  const state = await run(gateway, hook('config-changed'), quiet({ trusted: false }));
  expect(state.unitStatus).toMatchObject({
    status: 'blocked',
    message: expect.stringContaining('juju trust alpha --scope=cluster'),
  });
  expect(writes(state)).toEqual([]);
});

test('without a known controller it makes no policy that would cut itself off, and says so', async () => {
  const state = await run(gateway, hook('config-changed'), quiet({ apiAddresses: ['juju.example.com:443'] }));
  expect(object(state, 'NetworkPolicy')).toBeUndefined();
  expect(state.unitStatus).toMatchObject({ status: 'blocked', message: expect.stringContaining('Juju controller') });
});
