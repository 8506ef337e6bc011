/** @module The agent's scripts with real packets: every step is counted by the ISP. */

import { beforeAll, expect, test } from 'vitest';
import { type AgentPod, Bench, until } from './bench.ts';
import { VpnProgram } from './vpn-program.ts';

let bench: Bench;
let gateway: AgentPod;
let client: AgentPod;
let vpn: VpnProgram;

const curl = (pod: AgentPod, url = 'http://198.51.100.80/', seconds = '1') =>
  pod.run(['curl', '-s', '-m', seconds, url]).stdout.trim();

beforeAll(async () => {
  bench = await Bench.start();
});

test('a gateway and a client come up: the exit address is the VPN server', async () => {
  gateway = bench.pod('gateway');
  await gateway.init();
  const { vpnServer } = bench.internet;
  vpn = new VpnProgram(gateway.link, { server: vpnServer.keys, customer: vpnServer.customer });
  vpn.closeFirewall();
  await gateway.start();
  await vpn.start();
  client = bench.pod('client');
  const started = performance.now();
  const init = await client.init();
  await client.start();
  try {
    await until('the exit address is the VPN server', () => curl(client) === '203.0.113.5');
  } finally {
    console.log(init, 'first packet', performance.now() - started);
    console.log(client.log('init'), client.log('sidecar'), gateway.log('init'), gateway.log('sidecar'));
    console.log(client.root('ip', 'rule'), client.root('ip', 'route'), client.root('ip', 'addr'), client.root('bridge', 'fdb'), gateway.root('ip', 'addr'));
  }
  expect(await bench.leaked()).toBe(0);
});
