/** @module What others remove from a client's pod is put back, and each layer of the pod holds or is counted alone. */

import { beforeAll, describe, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { type AgentPod, Bench, exitAddress, startClient, startGateway, until } from './bench.ts';

const test = needs('users', 'tunnel');

let bench: Bench;
let client: AgentPod;

const routed = async () => (await exitAddress(client)) === addresses.vpnServer;
const ruleText = () =>
  `${client.root('ip', 'rule')}${client.root('iptables-nft-save').replaceAll(/\[\d+:\d+\]|^#.*\n/gm, '')}`;
const alias = () => /alias (.*)/.exec(client.root('ip', '-o', 'link', 'show', 'vxlan0'))?.[1] ?? '';

beforeAll(async () => {
  bench = await Bench.start();
  await startGateway(bench);
  client = await startClient(bench);
});

describe('while the sidecar runs', () => {
  test.each([
    ['the default route', 'ip route del default dev vxlan0', 1000],
    ['the interface', 'ip link del vxlan0', 2500],
    ['the address', 'ip addr flush dev vxlan0', 2500],
    ['the gateway of vxlan0', 'bridge fdb flush dev vxlan0', 4000],
    ['the rules', 'for rule in 70 71 72; do ip rule del pref $rule; done', 2500],
    ['all routes', 'ip route flush table main', 2500],
    ['eth0 for a moment', 'ip link set eth0 down; sleep 0.3; ip link set eth0 up', 4000],
  ])('%s: put back within the time, without a packet in the clear', async (_what, command, within) => {
    const [before, rules] = [await bench.leaked(), ruleText()];
    const flood = client.flood();
    client.root('sh', '-c', command);
    const took = await until('traffic is back', routed, 8000);
    await until('the rules are back', () => ruleText() === rules, 3000);
    flood.kill();
    expect(took).toBeLessThan(within);
    await until('the proof is back', () => alias() === '0a1b2c3d', 3000);
    expect(await bench.leaked(before)).toBe(0);
  });

  test('a default route of somebody else is taken away again', async () => {
    const before = await bench.leaked();
    client.root('ip', 'route', 'add', 'default', 'via', '169.254.1.1', 'dev', 'eth0');
    await until('it is gone', () => !client.root('ip', 'route').includes('default via 169.254.1.1'), 2000);
    expect(await bench.leaked(before)).toBe(0);
    expect(await routed()).toBe(true);
  });
});

describe('with every process of ours killed', () => {
  test('traffic goes on through the VPN', async () => {
    await client.kill();
    expect(await routed()).toBe(true);
  });

  test('layer 1 alone: the lock holds without our routes', async () => {
    const before = await bench.leaked();
    client.root('sh', '-c', 'ip route flush default; ip route add default via 169.254.1.1 dev eth0');
    const flood = client.flood();
    expect(await exitAddress(client)).toBe('');
    await client.run(['dig', '+tries=1', '+time=1', '@198.51.100.80', 'web.lab']);
    await client.run(['ping', '-c', '1', '-W', '1', addresses.echo], { uid: 0 });
    flood.kill();
    expect(await bench.leaked(before)).toBe(0);
  });

  test('the sidecar starts again and takes over', async () => {
    await client.start();
    await until('traffic is back', routed, 4000);
  });

  test('layer 1b alone: routes without a lock are counted, and the proof is missing once the sidecar looks', async () => {
    await client.kill();
    const before = await bench.leaked();
    for (const family of ['iptables-nft', 'ip6tables-nft'])
      client.root('sh', '-c', `${family} -F; ${family} -t nat -F; ${family} -t mangle -F`);
    const flood = client.flood();
    expect(await routed()).toBe(true);
    await client.run(['curl', '-s', '-m', '1', '--interface', client.link.address, `http://${addresses.echo}/`], {
      uid: 0,
    });
    flood.kill();
    const leaked = await bench.leaked(before);
    console.log(`layer 1b alone: ${leaked} packets in the clear, all of a socket bound to the pod's address`);
    expect(leaked).toBeGreaterThan(0);
    await client.start();
    await until('the lock is back', () => client.log('sidecar').includes('# the lock'), 4000);
    await until('the proof is back', () => alias() === '0a1b2c3d', 3000);
  });

  test('SIGTERM ends the sidecar at once and leaves lock and route', async () => {
    await until('traffic is back', routed, 4000);
    const started = performance.now();
    expect(await client.kill('SIGTERM')).toBe(0);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(await routed()).toBe(true);
  });
});
