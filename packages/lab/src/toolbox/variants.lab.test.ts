/** @module Other pod networks and another firewall back end: the client gets through and nothing leaks. */

import { beforeAll, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { type AgentPod, Bench, exitAddress, startGateway, until } from './bench.ts';

const test = needs('users', 'tunnel');

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
  await startGateway(bench);
});

/** What the pod's network looks like before our init container, as commands for ip(8). */
const networks: [string, string[]][] = [
  [
    'Calico with doubled default routes',
    ['route add default via 169.254.1.1 dev eth0 metric 200', 'route add default dev eth0 metric 300'],
  ],
  [
    'a bridge: /24 and its gateway',
    ['addr flush dev eth0', 'addr add POD/24 dev eth0', 'route add default via BRIDGE'],
  ],
  [
    'Cilium: a gateway of its own and an mtu on the route',
    [
      'route del default',
      'route add 10.1.200.1 dev eth0 scope link',
      'route add default via 10.1.200.1 dev eth0 mtu 1450',
    ],
  ],
  [
    'dual stack',
    [
      '-6 addr add fd00:10::7/128 dev eth0',
      '-6 route add fd00:10::1 dev eth0',
      '-6 route add default via fd00:10::1 dev eth0',
    ],
  ],
];

async function proven(client: AgentPod): Promise<void> {
  const before = await bench.leaked();
  const flood = client.flood();
  expect((await client.init()).code).toBe(0);
  await client.start();
  await until('the exit address is the VPN server', async () => (await exitAddress(client)) === addresses.vpnServer);
  await client.run(['curl', '-s', '-m', '1', '-g', 'http://[2001:db8::80]/']);
  flood.kill();
  expect(client.root('ip', '-o', 'link', 'show', 'vxlan0')).toContain('alias 0a1b2c3d');
  expect(await bench.leaked(before)).toBe(0);
}

test.each(networks)('%s', async (_name, commands) => {
  const client = bench.pod('client', { NOT_ROUTED_TO_GATEWAY_CIDRS: '10.1.0.0/16 10.152.183.0/24 fd00:10::/64' });
  const bridge = client.link.address.replace(/\d+$/, '1');
  bench.commands.run(['ip', 'addr', 'add', `${bridge}/32`, 'dev', client.link.hostInterface]);
  for (const command of commands)
    client.root('sh', '-c', `ip ${command.replace('POD', client.link.address).replace('BRIDGE', bridge)}`);
  // A flood that starts before the lock is what a workload never does; the oracle would count it.
  await client.init();
  await proven(client);
  const routes = client.root('ip', 'route');
  expect(routes).not.toMatch(/^default .*eth0/m);
  const reply = await client.run(['ip', 'route', 'get', '192.168.1.1', 'from', client.link.address], { uid: 0 });
  expect(reply.stdout).toContain('dev eth0 table 7170');
  bench.commands.run(['ip', 'addr', 'del', `${bridge}/32`, 'dev', client.link.hostInterface]);
});

test('a kernel that offers the legacy back end only', async () => {
  const client = bench.pod('client');
  client.covers.push({ source: '/bin/false', target: '/sbin/xtables-nft-multi' });
  await client.init();
  await proven(client);
  expect(client.root('iptables-legacy-save')).toContain('-A OUTPUT -j VPN-K8S-OUT');
  expect(client.root('iptables-nft-save')).not.toContain('VPN-K8S');
});

test('a kernel that offers no iptables at all: the pod starts, the proof is missing', async () => {
  const client = bench.pod('client');
  client.covers.push(
    { source: '/bin/false', target: '/sbin/xtables-nft-multi' },
    { source: '/bin/false', target: '/sbin/xtables-legacy-multi' },
  );
  expect((await client.init()).code).toBe(0);
  expect(client.root('ip', '-o', 'link', 'show', 'vxlan0')).not.toContain('alias');
  expect(client.log('init')).toContain('no lock can be made');
});

test('settings with a CIDR that is none: closed, without proof, and the charm still gets out', async () => {
  const client = bench.pod('client', { NOT_ROUTED_TO_GATEWAY_CIDRS: '10.1.0.0/16 10.999.0.0/16' });
  expect((await client.init()).code).toBe(0);
  expect(client.root('ip', '-o', 'link', 'show', 'vxlan0')).not.toContain('alias');
  const before = await bench.leaked();
  expect(await exitAddress(client)).toBe('');
  expect(await bench.leaked(before)).toBe(0);
  const charm = await client.run(['curl', '-s', '-m', '1', `http://${addresses.echo}/`], { uid: 170 });
  expect(charm.stdout).toBe('203.0.113.1');
});

test('settings that hold shell text change nothing', async () => {
  const client = bench.pod('client', {
    OPEN_PORTS: '8080"; touch /tmp/owned; "',
    PATH: '/tmp',
    GATEWAY_NAME: '$(touch /tmp/owned)',
  });
  expect((await client.init()).code).toBe(0);
  expect(client.log('init')).toContain('setting OPEN_PORTS is left out');
  expect(client.log('init')).toContain('setting PATH is not known here');
});
