/** @module The gateway charm hook by hook: what it refuses, its one patch, its files, and that an unchanged world costs nothing. */

import { action, type CharmUnderTest, hook, newRelation, run, type State, secretEvent } from '@vpn-k8s/charm-testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { config, gluetunCharm, inNewPod, leader, PRIVATE_KEY, SECRET, writes } from './world.ts';

let charm: CharmUnderTest;
/** After the first hook, before the pod is replaced. */
let patched: State;
/** After the first hook in the new pod: gluetun runs. */
let started: State;
beforeAll(async () => {
  charm = await gluetunCharm();
  patched = await configured({ relations: [client] });
  started = await run(charm, hook('config-changed'), inNewPod(patched, 'starting'));
});

const configured = (more: Partial<State> = {}) => run(charm, hook('config-changed'), leader(more));

const client = newRelation('vpn-gateway', 1, 'qbittorrent', {
  remoteAppData: { config: '{"instance_name":"qbittorrent"}' },
});

const ours = ['control-roles.toml', 'credentials-id', 'seen', 'wireguard-preshared-key'].map(
  (name) => `/run/vpn-k8s/${name}`,
);

describe('nothing is touched and the status says what to do', () => {
  const { 'cluster-cidrs': _, ...withoutRanges } = config;
  const key = (content: Record<string, string>) => leader().secrets.map((secret) => ({ ...secret, content }));
  test.each<[string, Partial<State>, string]>([
    ['no configuration', { config: {} }, 'cluster-cidrs is not set: juju config gluetun cluster-cidrs='],
    ['no ranges', { config: withoutRanges }, 'cluster-cidrs is not set'],
    ['an unknown provider', { config: { ...config, 'vpn-provider': 'nope' } }, '"nope" is not a provider'],
    ['a leaking setting', { config: { ...config, 'gluetun-env': 'FIREWALL=off' } }, "would change gluetun's firewall"],
    [
      'a secret that was not granted',
      { secrets: leader().secrets.map((one) => ({ ...one, granted: false })) },
      `the secret of credentials cannot be read: juju grant-secret ${SECRET} gluetun`,
    ],
    ['a secret without a key', { secrets: key({ 'other-key': 'x' }) }, 'has no private-key'],
    ['a key that is none', { secrets: key({ 'private-key': 'hunter2' }) }, 'is not 44 characters of base64'],
  ])('%s', async (_name, more, sentence) => {
    const after = await configured(more);
    expect(after.results?.exit).toBe(0);
    expect(after.unitStatus).toEqual({ status: 'blocked', message: expect.stringContaining(sentence) });
    expect(writes(after)).toEqual([]);
    expect(after.containers[0]?.plan.services).toEqual({});
    expect(JSON.stringify(after.results)).not.toContain('hunter2');
  });
});

test('without --trust the status names juju trust', async () => {
  const after = await configured({ trusted: false });
  expect(after.unitStatus).toEqual({ status: 'blocked', message: expect.stringContaining('juju trust gluetun') });
  expect(after.results?.exit).toBe(0);
});

test('the first hook patches the pod once, and gluetun does not start in the old pod', () => {
  const after = patched;
  expect(after.unitStatus).toEqual({ status: 'waiting', message: 'the pod is replaced once, for the gateway' });
  expect(writes(after).filter((write) => write.includes('statefulsets'))).toEqual(['patch statefulsets/gluetun']);
  expect(after.containers[0]).toMatchObject({ running: [], plan: { services: {} } });
});

test('in the new pod gluetun starts, with its keys in files and nowhere else', async () => {
  const after = started;
  expect(after.unitStatus).toEqual({ status: 'waiting', message: 'gluetun does not answer yet' });
  expect(writes(after)).toEqual([]);
  const container = after.containers[0];
  expect(container?.running).toEqual(['gluetun']);
  const { '/run/vpn-k8s/wireguard-private-key': key, ...files } = container?.files ?? {};
  expect(key).toBe(PRIVATE_KEY);
  expect(
    Object.keys(files)
      .filter((path) => path.startsWith('/run/vpn-k8s/'))
      .sort(),
  ).toEqual(ours);
  const elsewhere = { ...after, secrets: [], containers: [{ ...container, files }] };
  expect(JSON.stringify(elsewhere)).not.toContain(PRIVATE_KEY);
  await expect(`${JSON.stringify(container?.plan, null, 2)}\n`).toMatchFileSnapshot('./golden/plan.json');
});

test('a hook with nothing to do writes nothing and reads no secret', async () => {
  const before = started;
  const after = await run(charm, hook('update-status'), before);
  expect(writes(after)).toEqual([]);
  expect(after.containers).toEqual(before.containers);
  const tools = (after.results?.calls ?? []).map(({ tool }) => tool);
  expect(tools).not.toContain('secret-get');
  expect(tools).not.toContain('status-set');
  expect(tools.length).toBeLessThanOrEqual(8);
});

test('a rotated key reaches its file without a new pod', async () => {
  const before = started;
  const rotated = before.secrets.map((secret) => ({
    ...secret,
    revision: 2,
    content: { 'private-key': `AgME${PRIVATE_KEY.slice(4)}` },
  }));
  const after = await run(charm, secretEvent('changed', SECRET), { ...before, secrets: rotated });
  expect(after.containers[0]?.files['/run/vpn-k8s/wireguard-private-key']).toBe(`AgME${PRIVATE_KEY.slice(4)}`);
  expect(after.results?.log.map(({ message }) => message).join('\n')).toContain('~ service gluetun');
  expect(writes(after)).toEqual([]);
});

test('a configuration that goes bad leaves the last good one in force', async () => {
  const before = started;
  const after = await run(charm, hook('config-changed'), { ...before, config: { ...config, 'vpn-provider': 'nope' } });
  expect(after.unitStatus.status).toBe('blocked');
  expect(after.containers).toEqual(before.containers);
  expect(writes(after)).toEqual([]);
});

test('a unit that does not lead stands by with gluetun stopped', async () => {
  const after = await run(charm, hook('leader-settings-changed' as 'config-changed'), {
    ...started,
    leader: false,
  });
  expect(after.unitStatus).toEqual({ status: 'waiting', message: 'standby: the leader is the gateway' });
  expect(after.containers[0]?.running).toEqual([]);
});

test('while the tunnel is not up the clients are told so', () => {
  const told = JSON.parse(started.relations[0]?.localAppData.config ?? '{}');
  expect(told).toMatchObject({ vpn_connected: false, external_ip: null, vxlan_id: 42, instance_name: 'gluetun' });
});

test('the action status shows tunnel, exit and clients', async () => {
  const after = await run(charm, action('status'), started);
  expect(after.results?.action?.results).toEqual({
    tunnel: 'gluetun does not answer',
    service: 'active',
    clients: 'qbittorrent',
  });
});
