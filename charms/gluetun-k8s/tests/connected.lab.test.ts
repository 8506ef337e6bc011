/** @module The charm beside a gluetun that answers on loopback: needs a network namespace of its own, since the port is fixed. */

import { createServer, type Server } from 'node:http';
import { action, type CharmUnderTest, hook, newRelation, run, type State } from '@vpn-k8s/charm-testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gluetunCharm, inNewPod, leader, writes } from './world.ts';

const EXIT = '{"public_ip":"203.0.113.5","country":"Netherlands","city":"Amsterdam","location":"52.5,4.9"}\n';
let charm: CharmUnderTest;
let started: State;
let gluetun: Server;
let vpn = 'running';
let exit = EXIT;

beforeAll(async () => {
  charm = await gluetunCharm();
  const remoteAppData = { config: '{"instance_name":"qbittorrent"}' };
  const relations = [newRelation('vpn-gateway', 1, 'qbittorrent', { remoteAppData })];
  const patched = await run(charm, hook('config-changed'), leader({ relations }));
  started = await run(charm, hook('config-changed'), inNewPod(patched, 'starting'));
  const key = /apikey = "(.*)"/.exec(started.containers[0]?.files['/run/vpn-k8s/control-roles.toml'] ?? '')?.[1];
  gluetun = createServer((request, response) => {
    response.statusCode = request.headers['x-api-key'] === key ? 200 : 401;
    response.end(request.url === '/v1/vpn/status' ? `{"status":"${vpn}"}\n` : exit);
  });
  await new Promise<void>((resolve) => gluetun.listen(8000, '127.0.0.1', resolve));
});

afterAll(() => gluetun.close());

const told = (state: State) => JSON.parse(state.relations[0]?.localAppData.config ?? '{}');

test('connected: the exit is in the status and in the relation, and the next hook writes nothing', async () => {
  const after = await run(charm, hook('update-status'), inNewPod(started, 'up'));
  expect(after.unitStatus).toEqual({
    status: 'active',
    message: 'exit 203.0.113.5 (Amsterdam, Netherlands), 1 client',
  });
  expect(told(after)).toMatchObject({ vpn_connected: true, external_ip: '203.0.113.5' });
  const again = await run(charm, hook('update-status'), after);
  expect(writes(again)).toEqual([]);
  expect(again.relations).toEqual(after.relations);
  expect(again.containers).toEqual(after.containers);
  expect(after.containers[0]?.files['/run/vpn-k8s/seen']).toBe('up 203.0.113.5');
});

test.each([
  ['crashed', EXIT, 'up', 'gluetun says crashed and tries again: juju ssh'],
  ['stopped', '{"public_ip":""}', 'up', 'the tunnel is stopped'],
  ['running', '{"public_ip":""}', 'up', "the exit's address is not known yet"],
  ['running', EXIT, 'down', 'the tunnel does not answer'],
])('status %s, exit %s, probe %s: waiting, and the clients are told', async (status, address, word, message) => {
  [vpn, exit] = [status, address];
  const after = await run(charm, hook('update-status'), inNewPod(started, word));
  expect(after.unitStatus).toEqual({ status: 'waiting', message: expect.stringContaining(message) });
  expect(told(after)).toMatchObject({ vpn_connected: false });
});

test('the action status shows exit and clients', async () => {
  [vpn, exit] = ['running', EXIT];
  const after = await run(charm, action('status'), inNewPod(started, 'up'));
  expect(after.results?.action?.results).toEqual({
    tunnel: 'running',
    service: 'active',
    'exit.address': '203.0.113.5',
    'exit.city': 'Amsterdam',
    'exit.country': 'Netherlands',
    clients: 'qbittorrent',
  });
});
