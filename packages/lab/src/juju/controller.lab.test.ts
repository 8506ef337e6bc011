/** @module Packed charms in real pods: install, relations, pod churn, failing hooks, actions, workload events, scale, removal. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type KubeObject,
  pods,
  type Resource,
  roles,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, HOST_IMAGE, NAMESPACE, podNow, podReady, startBench } from '../kubernetes/bench.ts';
import { needs } from '../needs.ts';
import { addresses } from '../network/addresses.ts';
import { Controller } from './controller.ts';
import { jujuImages } from './images.ts';
import { packShellCharm } from './testing.ts';

let bench: Bench;
let juju: Controller;
const dir = mkdtempSync(join(tmpdir(), 'juju-'));
const log: string[] = [];

beforeAll(async () => {
  bench = await startBench();
  for (const [reference, image] of Object.entries(await jujuImages())) bench.images.set(reference, image);
  juju = await Controller.start({
    api: bench.api,
    kube: bench.cluster.client,
    model: NAMESPACE,
    host: addresses.controller.address,
    port: addresses.controller.port,
    log: (line) => log.push(line),
    retries: { firstMs: 300, factor: 2, longestMs: 1000 },
    pebblePollMs: 300,
    leaseMs: 2000,
  });
  await packShellCharm(join(dir, 'alpha.charm'), { name: 'alpha' });
  await packShellCharm(join(dir, 'beta.charm'), { name: 'beta', user: 'non-root' });
});
afterAll(async () => {
  await juju?.stop();
  await bench?.cluster.stop();
  await bench?.api.stop();
});

const hooksOf = (unit: string, from = 0) =>
  juju.hooks
    .slice(from)
    .filter((h) => h.unit === unit)
    .map((h) => h.hook);
const until = (what: string, condition: () => boolean) =>
  juju.waitFor(condition, { timeoutMs: 40_000, what }).catch((error: Error) => {
    throw new Error(
      `${error.message}\n${juju.hooks.map((h) => `${h.unit} ${h.hook} ${h.exit}`).join('\n')}\n${[...log, ...bench.log].slice(-25).join('\n')}\n${bench.cluster.logs({ namespace: NAMESPACE, pod: 'beta-0', container: 'charm-init' }).slice(-1500)}`,
    );
  });
const ran = (unit: string, hook: string, from = 0) =>
  until(`${hook} on ${unit}`, () => hooksOf(unit, from).includes(hook));
const inCharm = async (pod: string, text: string) =>
  (await bench.cluster.execText({ namespace: NAMESPACE, pod, container: 'charm' }, ['sh', '-c', text])).stdout;

test('an application is installed in the recorded order, as the user that the charm asks for', async () => {
  await juju.deploy({ charm: join(dir, 'alpha.charm'), application: 'alpha', resources: { 'web-image': HOST_IMAGE } });
  await juju.deploy({
    charm: join(dir, 'beta.charm'),
    application: 'beta',
    trust: true,
    resources: { 'web-image': HOST_IMAGE },
  });
  await Promise.all([ran('alpha/0', 'web-pebble-ready'), ran('beta/0', 'web-pebble-ready')]);
  await juju.idle();
  for (const unit of ['alpha/0', 'beta/0']) {
    const order = hooksOf(unit).filter((hook) => !hook.startsWith('web-'));
    expect(order).toEqual(['install', 'peers-relation-created', 'leader-elected', 'config-changed', 'start']);
  }
  const env = await inCharm('beta-0', 'cat /var/lib/juju/agents/unit-beta-0/charm/env.start');
  expect(env).toContain('JUJU_API_ADDRESSES=192.168.1.10:17070\n');
  expect(env).toContain('KUBERNETES_SERVICE_HOST=');
  expect(env).not.toMatch(/^(HOME|USER|JUJU_CONTAINER_NAMES)=/m);
  await podReady(bench, 'beta-0');
  const ports = (await bench.cluster.client.get(services, 'beta', { namespace: NAMESPACE }))?.spec?.ports;
  expect(ports?.map((p) => p.name)).toEqual(['juju-8080-tcp']);
});

needs('users')('actions run as the charm’s user', async () => {
  expect(
    await Promise.all(
      ['alpha', 'beta'].map(async (app) => (await juju.runAction(`${app}/leader`, 'probe', { text: 'x' })).results),
    ),
  ).toMatchObject([
    { uid: '0', text: 'x', 'return-code': 0 },
    { uid: '170', text: 'x', 'return-code': 0 },
  ]);
});

test('a relation carries data both ways, and changes of configuration', async () => {
  await juju.integrate('alpha:kv', 'beta:link');
  await ran('beta/0', 'link-relation-changed');
  await juju.idle();
  expect(
    hooksOf('beta/0')
      .filter((h) => h.startsWith('link-'))
      .slice(0, 3),
  ).toEqual(['link-relation-created', 'link-relation-joined', 'link-relation-changed']);
  const from = juju.hooks.length;
  await juju.config('alpha', { word: 'second' });
  await ran('beta/0', 'link-relation-changed', from);
  await juju.idle();
  expect(hooksOf('alpha/0', from)).toEqual(['config-changed', 'config-changed']);
});

test('a deleted pod: stop in the old one, then upgrade-charm, config-changed, start, pebble-ready', async () => {
  const from = juju.hooks.length;
  const before = podNow(bench, 'alpha-0')?.metadata?.uid;
  await bench.cluster.deletePod(NAMESPACE, 'alpha-0');
  await ran('alpha/0', 'web-pebble-ready', from);
  await podReady(bench, 'alpha-0', before);
  await juju.idle();
  const order = hooksOf('alpha/0', from);
  expect(order.filter((h) => h !== 'web-pebble-ready')).toEqual(['stop', 'upgrade-charm', 'config-changed', 'start']);
});

test('a failing hook is an error, is tried again, and flushes nothing', async () => {
  await juju.config('beta', { crash: true, word: 'lost' });
  await until('beta/0 in error', () => juju.unitStatus('beta/0').status === 'error');
  expect(juju.unitStatus('beta/0').message).toBe('hook failed: "config-changed"');
  const from = juju.hooks.length;
  await until('a second try', () => hooksOf('beta/0', from).length > 0);
  await juju.config('beta', { crash: false });
  await until('beta/0 well again', () => juju.unitStatus('beta/0').status === 'active');
  await juju.idle();
});

test('a refresh replaces the pods and keeps what others put into the StatefulSet', async () => {
  const from = juju.hooks.length;
  const patch = { spec: { template: { metadata: { annotations: { foreign: 'yes' } } } } };
  const options = { type: 'strategic', namespace: NAMESPACE, fieldManager: 'other' } as const;
  await bench.cluster.client.patch(statefulSets, 'beta', patch as never, options);
  await ran('beta/0', 'web-pebble-ready', from);
  await juju.idle();
  const patched = juju.hooks.length;
  await juju.refresh('beta', { charm: join(dir, 'beta.charm') });
  await ran('beta/0', 'web-pebble-ready', patched);
  await juju.idle();
  expect(hooksOf('beta/0', patched).slice(0, 2)).toEqual(['stop', 'upgrade-charm']);
  expect(podNow(bench, 'beta-0')?.metadata?.annotations?.foreign).toBe('yes');
});

test('a custom notice in the workload runs a hook, and so does a Pebble that was started again', async () => {
  const from = juju.hooks.length;
  const workload = { namespace: NAMESPACE, pod: 'alpha-0', container: 'web' };
  const notice = JSON.stringify({ action: 'add', type: 'custom', key: 'example.com/a' });
  await bench.cluster.execText(workload, [
    'curl',
    '-s',
    '--unix-socket',
    '/charm/container/pebble.socket',
    '-d',
    notice,
    'http://x/v1/notices',
  ]);
  await ran('alpha/0', 'web-pebble-custom-notice', from);
  bench.cluster.killContainer(workload);
  await ran('alpha/0', 'web-pebble-ready', from);
  await juju.idle();
});

test('a check in the workload that fails and recovers runs a hook each time', async () => {
  const from = juju.hooks.length;
  const workload = { namespace: NAMESPACE, pod: 'alpha-0', container: 'web' };
  const check = {
    override: 'replace',
    period: '100ms',
    timeout: '90ms',
    threshold: 1,
    exec: { command: 'test -e /tmp/up' },
  };
  const layer = JSON.stringify({ checks: { vpn: check } });
  const request = JSON.stringify({ action: 'add', combine: true, label: 'vpn', format: 'yaml', layer });
  const post = (path: string, body: string) => [
    'curl',
    '-s',
    '--unix-socket',
    '/charm/container/pebble.socket',
    '-d',
    body,
    `http://x/v1/${path}`,
  ];
  await bench.cluster.execText(workload, post('layers', request));
  await bench.cluster.execText(workload, post('services', JSON.stringify({ action: 'replan' })));
  await ran('alpha/0', 'web-pebble-check-failed', from);
  await bench.cluster.execText(workload, ['touch', '/tmp/up']);
  await ran('alpha/0', 'web-pebble-check-recovered', from);
  await juju.idle();
  const record = juju.hooks.findLast((h) => h.hook === 'web-pebble-check-recovered');
  expect(record?.info.workload).toEqual({ container: 'web', check: 'vpn' });
});

test('a second unit joins and leaves again; its pod goes after remove', async () => {
  await juju.addUnit('alpha');
  await ran('alpha/1', 'peers-relation-changed');
  await juju.idle();
  const from = juju.hooks.length;
  await juju.removeUnit('alpha');
  await ran('alpha/1', 'remove', from);
  await bench.cluster.until('alpha-1 gone', () => !podNow(bench, 'alpha-1'));
  await juju.idle();
  const order = hooksOf('alpha/1', from);
  expect(order.indexOf('kv-relation-broken')).toBeLessThan(order.indexOf('stop'));
  expect(hooksOf('beta/0', from)).toContain('link-relation-departed');
});

test('without a way to the controller no hook runs, and all comes back with it', async () => {
  const from = juju.hooks.length;
  juju.cutAgent('beta/0');
  await until('beta/0 lost', () => juju.unitStatus('beta/0').status === 'unknown');
  await until('beta/0 back', () => juju.unitStatus('beta/0').status === 'active');
  expect(hooksOf('beta/0', from)).toEqual([]);
});

test('removed applications leave nothing behind', async () => {
  await juju.removeApplication('alpha');
  await ran('beta/0', 'link-relation-broken');
  await juju.removeApplication('beta');
  const left = async () => {
    const lists = await Promise.all(
      [statefulSets, services, secrets, serviceAccounts, roles, pods].map((r) =>
        bench.cluster.client.list(r as Resource<KubeObject>, { namespace: NAMESPACE }),
      ),
    );
    return lists
      .flat()
      .map((o) => `${o.kind} ${o.metadata?.name}`)
      .filter((name) => /alpha|beta/.test(name));
  };
  await until('no application', () => juju.model.applications.size === 0);
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  expect(juju.statusText()).not.toContain('alpha');
});
