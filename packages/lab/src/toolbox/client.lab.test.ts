/** @module The client's lock, routes and DNS with real packets, and what the agent costs while all is well. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { type AgentPod, Bench, clientSettings, exitAddress, startClient, startGateway, until } from './bench.ts';

const test = needs('users', 'tunnel');

let bench: Bench;
let client: AgentPod;
const servers: ChildProcess[] = [];

/** A server that answers each connection with the caller's address, on any address of a network namespace. */
function serve(netns: string | undefined, port: number): void {
  const code = `use IO::Socket::INET; $s=IO::Socket::INET->new(LocalPort=>${port},Listen=>9,ReuseAddr=>1) or die;
    while($c=$s->accept){print $c $c->peerhost,"\\n";close $c}`;
  const argv = netns ? ['nsenter', `--net=${netns}`, 'perl', '-e', code] : ['perl', '-e', code];
  servers.push(spawn(argv[0] as string, argv.slice(1), { stdio: 'ignore' }));
}

/** What a program sees that connects to address and port: the first line, or an empty text. */
const connect = (address: string, port: number) => [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  `$s=IO::Socket::INET->new(PeerHost=>"${address}",PeerPort=>${port},Timeout=>1) or exit 1; print scalar <$s>`,
];

const dig = (name: string) => ['dig', '+short', '+tries=1', '+time=1', `@${addresses.dnsService}`, name];

beforeAll(async () => {
  bench = await Bench.start();
  await startGateway(bench);
  client = await startClient(bench);
  serve(client.link.netns, 8080);
  serve(client.link.netns, 9999);
  serve(undefined, 17070);
  bench.names['web.vpn.svc.cluster.local'] = ['10.152.183.77'];
});

afterAll(() => {
  for (const server of servers) server.kill();
});

test('the workload leaves by the VPN and the ISP saw nothing of it', async () => {
  expect(await exitAddress(client)).toBe(addresses.vpnServer);
  expect(await bench.leaked()).toBe(0);
});

test('what the charm reads says so: alias, default route, no IPv6 default', () => {
  const alias = client.root('ip', '-o', 'link', 'show', 'vxlan0');
  expect(alias).toContain('alias 0a1b2c3d');
  const defaults = client
    .root('cat', '/proc/net/route')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .map(([name, , gateway, , , , metric]) => `${name} ${gateway} ${metric}`);
  expect(defaults).toEqual(['vxlan0 010010AC 10', '* 00000000 9000']);
});

test('rules and routes are as recorded', async () => {
  const plain = (text: string) =>
    text.replaceAll(client.link.address, 'POD').replaceAll(/172\.16\.0\.(?!1\b)\d+(?!\d|\/24 dev vx)/g, 'LEASE');
  const golden = (name: string, text: string) => expect(plain(text)).toMatchFileSnapshot(`golden/${name}`);
  const filter = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^[-*:]/.test(line))
      .map((line) => line.replace(/ \[.*/, ''))
      .join('\n');
  await golden('client-iptables.txt', filter(client.root('iptables-nft-save')));
  await golden('client-ip6tables.txt', filter(client.root('ip6tables-nft-save')));
  await golden('client-rules.txt', client.root('ip', 'rule'));
  await golden('client-routes.txt', client.root('ip', 'route', 'show', 'table', 'main'));
  await golden('client-uplink-routes.txt', client.root('ip', 'route', 'show', 'table', '7170'));
});

test.each([
  ['a name of the internet, through the tunnel', 'web.lab', addresses.echo],
  ['a name of the cluster, from the cluster', 'web.vpn.svc.cluster.local', '10.152.183.77'],
])('the workload asks the cluster DNS for %s', async (_what, name, answer) => {
  expect((await client.run(dig(name))).stdout).toBe(answer);
});

test('the workload asks the gateway, the charm and the sidecar ask the cluster itself', async () => {
  // The cluster's DNS of this bench knows no web.lab, so the answer tells who was asked.
  expect((await client.run(dig('web.lab'))).stdout).toBe(addresses.echo);
  expect((await client.run(dig('web.lab'), { uid: 170 })).stdout).toBe('');
  expect((await client.run(dig('web.vpn.svc.cluster.local'), { uid: 170 })).stdout).toBe('10.152.183.77');
  expect((await client.run(dig('web.lab'), { gid: 65170 })).stdout).toBe('');
});

test('the charm reaches the controller outside the cluster, the workload comes there by the VPN', async () => {
  expect((await client.run(connect(addresses.node, 17070), { uid: 170 })).stdout).toBe(client.link.address);
  expect((await client.run(connect(addresses.node, 17070))).stdout).toBe(addresses.vpnServer);
});

test('opened ports answer on eth0, from the node and from outside the cluster; others do not', () => {
  const isp = ['nsenter', '--net=/run/netns/isp'];
  const ask = (prefix: string[], port: number) =>
    bench.commands.read([...prefix, ...connect(client.link.address, port)]).catch(() => '');
  return Promise.all([ask([], 8080), ask(isp, 8080), ask([], 9999)]).then((answers) => {
    expect(answers.map((text) => text.trim())).toEqual([expect.stringMatching(/^10\.152|^192/), addresses.router, '']);
  });
});

test.each([
  ['a socket bound to the pod address', ['curl', '-s', '-m', '1', '--interface', 'POD', `http://${addresses.echo}/`]],
  ['a socket bound to eth0', ['curl', '-s', '-m', '1', '--interface', 'eth0', `http://${addresses.echo}/`]],
  [
    'a question to a resolver of the internet',
    ['dig', '+tries=1', '+time=1', '-b', 'POD', '@198.51.100.80', 'web.lab'],
  ],
])('%s leaves nothing', async (_what, argv) => {
  const before = await bench.leaked();
  await client.run(
    argv.map((word) => word.replace('POD', client.link.address)),
    { uid: 0 },
  );
  expect(await bench.leaked(before)).toBe(0);
});

test('a second init changes nothing', async () => {
  const state = () =>
    ['ip rule', 'ip route show table all', 'iptables-nft-save', 'ip6tables-nft-save', 'bridge fdb show dev vxlan0'].map(
      (command) => client.root(...command.split(' ')).replaceAll(/\[\d+:\d+\]|^#.*/gm, ''),
    );
  const before = state();
  const { code, milliseconds } = await client.init();
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(2000);
  expect(client.log('init')).not.toContain('[#]');
  expect(state()).toEqual(before);
});

test('another MTU in the settings is taken over without a restart', async () => {
  client.settings({ ...clientSettings, VXLAN_MTU: '1370' });
  await until('the MTU is changed', () => client.root('ip', 'link', 'show', 'vxlan0').includes('mtu 1370'), 8000);
  expect(await exitAddress(client)).toBe(addresses.vpnServer);
});

test('nothing is forked while all is well, and the sidecar is small', async () => {
  await until('the sidecar is quiet', () => /after \d+ ms/.test(client.log('sidecar')));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = await processNumber();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  expect(await processNumber()).toBe(before + 1);
  const memory = sidecarMemory();
  console.log('sidecar memory in kB', memory);
  expect(memory.uss).toBeLessThan(2500);
});

/** Processes are numbered in the order of forks: the number of a new one in the container counts those before it. */
async function processNumber(): Promise<number> {
  const child = client.sidecar?.exec(['/bin/sh', '-c', 'echo $$']);
  let text = '';
  child?.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child?.once('close', resolve));
  return Number(text);
}

function sidecarMemory(): { rss: number; uss: number } {
  const pid = client.sidecar?.pid as number;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const sum = { rss: 0, uss: 0 };
  for (const each of [String(pid), ...children]) {
    const text = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    const value = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    sum.rss += value('Rss');
    sum.uss += value('Private_Clean') + value('Private_Dirty');
    console.log(
      readFileSync(`/proc/${each}/cmdline`, 'utf8').replaceAll('\0', ' '),
      value('Rss'),
      value('Private_Clean') + value('Private_Dirty'),
    );
  }
  return sum;
}
