/** @module The gateway beside its VPN program: whatever firewall and tunnel do, clients leave by the tunnel or not at all. */

import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import {
  type AgentPod,
  Bench,
  clientSettings,
  exitAddress,
  gatewaySettings,
  type RunningGateway,
  startClient,
  startGateway,
  until,
} from './bench.ts';

const test = needs('users', 'tunnel');

let bench: Bench;
let gateway: RunningGateway;
let client: AgentPod;
const children: ChildProcess[] = [];

const routed = async () => (await exitAddress(client)) === addresses.vpnServer;
const alias = () => /alias (.*)/.exec(gateway.pod.root('ip', '-o', 'link', 'show', 'vxlan0'))?.[1];
const vxlanAddress = (pod: AgentPod) =>
  /inet ([\d.]+)/.exec(pod.root('ip', '-4', 'addr', 'show', 'dev', 'vxlan0'))?.[1] ?? '';
const plain = (text: string) =>
  text.replaceAll(gateway.pod.link.address, 'POD').replaceAll(client.link.address, 'CLIENT');

beforeAll(async () => {
  bench = await Bench.start();
  gateway = await startGateway(bench);
  client = await startClient(bench);
});

afterAll(() => {
  for (const child of children) child.kill();
});

test('rules and routes are as recorded', async () => {
  const golden = (name: string, text: string) => expect(plain(text)).toMatchFileSnapshot(`golden/${name}`);
  const own = gateway.pod
    .root('iptables-nft-save')
    .split('\n')
    .filter((line) => line.includes('VPN-K8S'))
    .map((line) => line.replace(/ \[.*/, ''));
  await golden('gateway-iptables.txt', own.join('\n'));
  await golden('gateway-rules.txt', gateway.pod.root('ip', 'rule'));
  await golden('gateway-client-routes.txt', gateway.pod.root('ip', 'route', 'show', 'table', '7777'));
});

test('the state that the charm reads follows the probe through the tunnel', async () => {
  await until('the tunnel is proven', () => alias() === '0a1b2c3d up', 8000);
  bench.internet.vpnServer.stop();
  await until('the tunnel is down', () => alias() === '0a1b2c3d down', 15_000);
  await bench.internet.vpnServer.start();
  await until('the tunnel is proven again', () => alias() === '0a1b2c3d up', 15_000);
  await until('traffic is back', routed, 15_000);
});

describe('a fault of the VPN program', () => {
  test('its firewall opens everything (3.41.1 does when it fails): traffic goes on through the tunnel only', async () => {
    const before = await bench.leaked();
    const flood = client.flood();
    gateway.vpn.failOpen();
    await until(
      'the accepts are back',
      () => gateway.pod.root('iptables-nft-save').includes('-A FORWARD -j VPN-K8S-FORWARD'),
      4000,
    );
    await until('traffic is back', routed, 3000);
    flood.kill();
    expect(await bench.leaked(before)).toBe(0);
  });

  test('its policies drop and its rules are gone: clients get through by ours', async () => {
    gateway.vpn.failOpen();
    gateway.vpn.closeFirewall();
    await until('traffic is back', routed, 5000);
  });

  test('layer 3 alone: no firewall at all and no tunnel, and nothing leaves', async () => {
    const before = await bench.leaked();
    await gateway.pod.kill();
    gateway.vpn.failOpen();
    gateway.pod.root('sh', '-c', 'iptables -t nat -F; iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE');
    const flood = client.flood();
    await gateway.vpn.stop();
    expect(await exitAddress(client)).toBe('');
    await client.run(['dig', '+tries=1', '+time=1', '@198.51.100.80', 'web.lab']);
    flood.kill();
    expect(await bench.leaked(before)).toBe(0);
    gateway.pod.root('iptables', '-t', 'nat', '-F');
  });

  test('sidecar and tunnel come back, and so does traffic', async () => {
    await Promise.all([gateway.pod.start(), gateway.vpn.start()]);
    await until('traffic is back', routed, 8000);
  });
});

test('what a client may ask of the gateway: names and an echo, not its control server', async () => {
  const code =
    'use IO::Socket::INET; $s=IO::Socket::INET->new(LocalPort=>8000,Listen=>9,ReuseAddr=>1); while($c=$s->accept){print $c "x\n"}';
  children.push(spawn('nsenter', [`--net=${gateway.pod.link.netns}`, 'perl', '-e', code], { stdio: 'ignore' }));
  expect((await client.run(['ping', '-c', '1', '-W', '1', '172.16.0.1'], { uid: 0 })).code).toBe(0);
  expect((await client.run(['curl', '-s', '-m', '1', 'http://172.16.0.1:8000/'])).code).toBe(28);
});

test('a second client has its own address, and clients do not reach each other', async () => {
  const other = await startClient(bench);
  expect(vxlanAddress(other)).not.toBe(vxlanAddress(client));
  expect((await client.run(['ping', '-c', '1', '-W', '1', vxlanAddress(other)], { uid: 0 })).code).not.toBe(0);
  expect(await exitAddress(other)).toBe(addresses.vpnServer);
});

test('a forwarded port keeps its caller, and the reply goes back by the tunnel', async () => {
  const before = await bench.leaked();
  const forward = (netns: string, to: string) => [
    'nsenter',
    `--net=${netns}`,
    'iptables',
    '-t',
    'nat',
    '-I',
    'PREROUTING',
    '-p',
    'tcp',
    '--dport',
    '41000',
    '-j',
    'DNAT',
    '--to',
    to,
  ];
  bench.commands.run(forward('/run/netns/vpn', `${addresses.tunnel.client}:41000`));
  bench.commands.run(forward(gateway.pod.link.netns, `${vxlanAddress(client)}:41000`));
  const code =
    'use IO::Socket::INET; $s=IO::Socket::INET->new(LocalPort=>41000,Listen=>9,ReuseAddr=>1); while($c=$s->accept){print $c $c->peerhost,"\n";close $c}';
  children.push(spawn('nsenter', [`--net=${client.link.netns}`, 'perl', '-e', code], { stdio: 'ignore' }));
  const ask =
    'use IO::Socket::INET; $s=IO::Socket::INET->new(PeerHost=>"203.0.113.5",PeerPort=>41000,Timeout=>2) or die; print scalar <$s>';
  let answer = '';
  await until('the forwarded port answers', async () => {
    answer = await bench.commands.read(['nsenter', '--net=/run/netns/web', 'perl', '-e', ask]).catch(() => '');
    return answer !== '';
  });
  expect(answer.trim()).toBe(addresses.echo);
  expect(await bench.leaked(before)).toBe(0);
});

test('a pod of an application that is not related gets nothing, until it is', async () => {
  const stranger = bench.pod('client', { GATEWAY_NAME: clientSettings.GATEWAY_NAME as string });
  bench.publish(
    'client',
    (bench.names[gatewaySettings.CLIENT_NAMES as string] ?? []).filter((address) => address !== stranger.link.address),
  );
  await stranger.init();
  await stranger.start();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(vxlanAddress(stranger)).toBe('');
  bench.names['sabnzbd-endpoints.vpn.svc.cluster.local'] = [stranger.link.address];
  gateway.pod.settings({
    ...gatewaySettings,
    CLIENT_NAMES: `${gatewaySettings.CLIENT_NAMES} sabnzbd-endpoints.vpn.svc.cluster.local`,
  });
  await until('it is let in', async () => (await exitAddress(stranger)) === addresses.vpnServer, 5000);
});

test('every process of the gateway agent killed: clients go on, and a new one gets no address that is in use', async () => {
  const used = vxlanAddress(client);
  await gateway.pod.kill();
  expect(await routed()).toBe(true);
  await gateway.pod.start();
  const fresh = await Promise.all(Array.from({ length: 3 }, () => startClient(bench)));
  const all = [used, ...fresh.map(vxlanAddress)];
  expect(new Set(all).size).toBe(all.length);
});

test('the charm of the gateway reaches the world by eth0 under a closed firewall, others do not', async () => {
  gateway.vpn.closeFirewall();
  const ask = ['curl', '-s', '-m', '1', `http://${addresses.echo}/`];
  expect((await gateway.pod.run(ask, { uid: 170 })).stdout).toBe('203.0.113.1');
  expect((await gateway.pod.run(ask, { uid: 0 })).stdout).toBe(addresses.vpnServer);
});
