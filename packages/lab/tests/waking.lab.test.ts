/** @module Nothing waits for update-status: a tunnel that comes up late starts the workload by itself. */

import { afterAll, beforeAll, expect } from 'vitest';
import { CLIENT, deployClient, deployGateway, GATEWAY } from '../src/demo/applications.ts';
import { workloadRuns } from '../src/demo/workload.ts';
import { Lab } from '../src/lab.ts';
import { needs } from '../src/needs.ts';
import { place } from '../src/programs/options.ts';
import { until } from '../src/until.ts';
import { charms } from './packed.ts';

const test = needs('users', 'tunnel');

const { options, remove } = place();
let lab: Lab;

beforeAll(async () => {
  const packed = charms();
  lab = await Lab.start(options);
  lab.internet.vpnServer.stop();
  await deployGateway(lab, packed.gateway);
  await deployClient(lab, packed.client);
  await lab.controller.integrate(`${CLIENT}:vpn-gateway`, `${GATEWAY}:vpn-gateway`);
}, 120_000);

afterAll(async () => {
  await lab?.stop();
  remove();
});

const patience = (seconds: number) => ({ seconds, explain: () => lab.controller.statusText() });
const statusOf = (app: string) => lab.controller.unitStatus(`${app}/0`);

test('while the VPN server is away the workload does not run, and status says why', async () => {
  const waits = async () => statusOf(CLIENT).status === 'waiting' && /gluetun/.test(statusOf(CLIENT).message);
  await until('the client waits for gluetun', waits, patience(60));
  await lab.controller.idle(60_000);
  expect(statusOf(GATEWAY).status).toBe('waiting');
  expect(await workloadRuns(lab)).toBe(false);
});

test('the workload runs within 10 s of the tunnel, long before update-status', async () => {
  const before = lab.controller.hooks.length;
  await lab.internet.vpnServer.start();
  await until('the tunnel', async () => statusOf(GATEWAY).status === 'active', patience(30));
  await until('qBittorrent running', () => workloadRuns(lab), patience(10));
  const hooks = lab.controller.hooks.slice(before).map(({ hook }) => hook);
  expect(hooks.length).toBeGreaterThan(0);
  expect(hooks).not.toContain('update-status');
});

test('when the VPN server goes again nothing leaks, and a locked workload goes on waiting', async () => {
  const { clear } = await lab.oracle.read();
  lab.internet.vpnServer.stop();
  await until('the gateway waits', async () => statusOf(GATEWAY).status === 'waiting', patience(30));
  await until('the client waits', async () => statusOf(CLIENT).status === 'waiting', patience(15));
  expect(await workloadRuns(lab)).toBe(true);
  expect((await lab.oracle.read()).clear).toBe(clear);
});
