/** @module qBittorrent does not run for one moment while anything is missing: seen in the machine's own process list. */

import { spawn } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkPolicies, statefulSets } from '@vpn-k8s/kube';
import { refuse } from '@vpn-k8s/kube-testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { deployGateway, GATEWAY } from '../src/demo/applications.ts';
import { images, Lab } from '../src/lab.ts';
import { needs } from '../src/needs.ts';
import { place } from '../src/programs/options.ts';
import { until } from '../src/until.ts';
import { charms } from './packed.ts';

const test = needs('users', 'tunnel');

/** Every process of the lab is in this process namespace, so nobody can run unseen. */
function commands(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      } catch {
        return '';
      }
    });
}

const { options, remove } = place();
let lab: Lab;
let client: string;
let seen = 0;
const sampler = setInterval(() => {
  if (commands().includes('qbittorrent-nox')) seen += 1;
}, 20);

beforeAll(async () => {
  const packed = charms();
  client = packed.client;
  lab = await Lab.start(options);
  refuseFor('nopolicy', networkPolicies);
  refuseFor('nopatch', statefulSets);
  await deployGateway(lab, packed.gateway);
  await lab.controller.deploy({
    charm: packed.gateway,
    application: 'silent',
    trust: true,
    resources: { 'gluetun-image': images.gluetun },
  });
}, 120_000);

afterAll(async () => {
  clearInterval(sampler);
  await lab?.stop();
  remove();
});

/** Refuses the application's own writes of a resource, as a quota or a policy engine would. */
function refuseFor(app: string, resource: typeof networkPolicies | typeof statefulSets): void {
  lab.api.admission.add({ operations: ['CREATE', 'UPDATE'], resource }, (request) => {
    if (request.user.name.endsWith(`:${app}`)) throw refuse(request, 'refused by the test');
  });
}

test.each([
  { app: 'nodata', trust: true, gateway: 'silent', status: 'waiting', says: /silent/ },
  { app: 'notrust', trust: false, gateway: GATEWAY, status: 'blocked', says: /juju trust notrust/ },
  { app: 'nopolicy', trust: true, gateway: GATEWAY, status: 'blocked', says: /refused by the test|networkpolic/i },
  { app: 'nopatch', trust: true, gateway: GATEWAY, status: 'blocked', says: /refused by the test|statefulset/i },
])('$app: $status, and qBittorrent never runs', async ({ app, trust, gateway, status, says }) => {
  await lab.controller.deploy({
    charm: client,
    application: app,
    trust,
    resources: { 'qbittorrent-image': images.qbittorrent },
  });
  await lab.controller.integrate(`${app}:vpn-gateway`, `${gateway}:vpn-gateway`);
  const settled = async () => {
    const now = lab.controller.unitStatus(`${app}/0`);
    return now.status === status && says.test(now.message);
  };
  await until(`${app} ${status}`, settled, { seconds: 60, explain: () => lab.controller.statusText() });
  await lab.controller.idle(60_000);
  expect(await settled()).toBe(true);
  expect(seen).toBe(0);
});

test('the sampler sees a process of that name', async () => {
  const program = join(options.dir, 'qbittorrent-nox');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['10']);
  await until('a sighting', async () => seen > 0, { seconds: 5 });
  child.kill();
});
