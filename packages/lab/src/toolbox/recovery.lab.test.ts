/** @module The agent when the gateway moves: how long traffic stands still, and what leaves meanwhile. */

import { beforeAll, expect } from 'vitest';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { type AgentPod, Bench, exitAddress, type RunningGateway, startClient, startGateway, until } from './bench.ts';

const test = needs('users', 'tunnel');

let bench: Bench;
let gateway: RunningGateway;
let client: AgentPod;

beforeAll(async () => {
  bench = await Bench.start();
  gateway = await startGateway(bench);
  client = await startClient(bench);
});

/** The gateway's pod goes without a word. */
async function removeGateway(): Promise<void> {
  await gateway.vpn.stop();
  await gateway.pod.kill();
  bench.publish('gateway', []);
  bench.detach(gateway.pod);
}

test('a new gateway at a new address is found, and nothing leaves while there is none', async () => {
  const before = await bench.oracle.read();
  const flood = client.flood();
  await removeGateway();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  gateway = await startGateway(bench);
  const took = await until(
    'traffic is back',
    async () => (await exitAddress(client, 0.1)) === addresses.vpnServer,
    5000,
    1,
  );
  flood.kill();
  const after = await bench.oracle.read();
  expect(after.clear - before.clear).toBe(0);
  expect(after.encapsulated - before.encapsulated).toBeLessThan(50);
  expect(took).toBeLessThan(1000);
});
