/** @module The lab's network with real packets: the oracle sees what leaves in the clear, and nothing else. */

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { startInternet } from '../internet/internet.ts';
import { CommandRunner, inNamespace } from './ip.ts';
import { buildNetwork } from './node.ts';
import { Oracle } from './oracle.ts';
import { type PodLink, PodNetwork } from './pods.ts';

const commands = new CommandRunner();
let oracle: Oracle;
let network: PodNetwork;
let pod: PodLink;

const fetchEcho = (link: PodLink) =>
  execFileSync('nsenter', [`--net=${link.netns}`, 'curl', '-s', '-m', '3', 'http://198.51.100.80/'], {
    encoding: 'utf8',
  });

beforeAll(async () => {
  buildNetwork(commands);
  oracle = new Oracle(commands);
  network = new PodNetwork(commands);
  pod = network.attach('default/one-0');
  await startInternet(commands);
});

test('a pod without a tunnel leaves by the ISP and each of its packets is counted', async () => {
  expect(fetchEcho(pod).trim()).toBe('203.0.113.1');
  const { clear, encapsulated, flows } = await oracle.settled();
  expect(clear).toBeGreaterThan(3);
  expect(encapsulated).toBe(0);
  expect(flows).toEqual([{ source: pod.address, destination: '198.51.100.80', protocol: 'tcp', packets: clear }]);
});

test('traffic between pods and from the node is not counted', async () => {
  const other = network.attach('default/two-0');
  const before = await oracle.settled();
  commands.run([...inNamespace(pod.netns), 'ping', '-c', '1', '-W', '2', other.address]);
  commands.run(['ping', '-c', '1', '-W', '2', pod.address]);
  commands.run(['ping', '-c', '1', '-W', '2', '198.51.100.80']);
  expect(await oracle.settled()).toEqual(before);
  network.detach('default/two-0');
});

test('VXLAN towards an address that no pod has is counted apart', async () => {
  const before = await oracle.settled();
  const socket = 'echo x > /dev/udp/10.1.9.9/4790';
  commands.run([...inNamespace(pod.netns), 'bash', '-c', socket]);
  const after = await oracle.settled();
  expect(after.encapsulated - before.encapsulated).toBe(1);
  expect(after.clear).toBe(before.clear);
});

test('an exempt pod is not counted', async () => {
  const dns = network.attach('kube-system/coredns');
  oracle.exempt(dns.address);
  const before = await oracle.settled();
  fetchEcho(dns);
  expect((await oracle.settled()).clear).toBe(before.clear);
});

test.each(readdirSync(new URL('golden', import.meta.url)))('nft(8) loads golden/%s', (file) => {
  commands.run(['nft', '-c', '-f', new URL(`golden/${file}`, import.meta.url).pathname]);
});
