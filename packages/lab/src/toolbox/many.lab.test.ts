/** @module Ten clients at once: start, and recovery when the gateway moves. */

import { beforeAll, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { type AgentPod, Bench, exitAddress, type RunningGateway, startGateway, until } from './bench.ts';

const test = needs('users', 'tunnel');

const CLIENTS = 10;
let bench: Bench;
let gateway: RunningGateway;
let clients: AgentPod[];

const summary = (times: number[]) => {
  const sorted = [...times].sort((a, b) => a - b).map(Math.round);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};

const backAll = (from: number) =>
  Promise.all(
    clients.map(async (pod) => {
      await until('traffic', async () => (await exitAddress(pod, 0.3)) === addresses.vpnServer, 15_000, 20);
      return performance.now() - from;
    }),
  );

beforeAll(async () => {
  bench = await Bench.start();
  gateway = await startGateway(bench);
});

test(`${CLIENTS} clients started at once all get through, each with an address of its own`, async () => {
  clients = Array.from({ length: CLIENTS }, () => bench.pod('client'));
  const from = performance.now();
  await Promise.all(
    clients.map(async (pod) => {
      await pod.init();
      await pod.start();
    }),
  );
  console.log(`first packet of ${CLIENTS} clients, ms:`, summary(await backAll(from)));
  const held = clients.map((pod) => /inet ([\d.]+)/.exec(pod.root('ip', '-4', 'addr', 'show', 'dev', 'vxlan0'))?.[1]);
  expect(new Set(held).size).toBe(CLIENTS);
  expect(await bench.leaked()).toBe(0);
});

test('the gateway moves: all are back, and few packets went to the dead address', async () => {
  const before = await bench.oracle.read();
  const floods = clients.map((pod) => pod.flood());
  await gateway.vpn.stop();
  await gateway.pod.kill();
  bench.publish('gateway', []);
  bench.detach(gateway.pod);
  await until('all noticed', () => clients.every((pod) => pod.log('sidecar').includes('does not answer')), 5000);
  gateway = await startGateway(bench);
  const times = await backAll(performance.now());
  for (const flood of floods) flood.kill();
  const after = await bench.oracle.read();
  console.log(
    `recovery of ${CLIENTS} clients from the start of sidecar and tunnel, ms:`,
    summary(times),
    'encapsulated',
    after.encapsulated - before.encapsulated,
  );
  expect(after.clear - before.clear).toBe(0);
  expect(after.encapsulated - before.encapsulated).toBeLessThan(50 * CLIENTS);
});
