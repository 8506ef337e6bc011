/** @module Pods with real processes: restarts, pulls, probes, volumes, rights, isolation and the end. */

import { existsSync } from 'node:fs';
import { configMaps, events, secrets } from '@vpn-k8s/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { enforceBaseline, fillQuota } from './admission.ts';
import {
  type Bench,
  createPod,
  HOST_IMAGE,
  idle,
  inContainer,
  NAMESPACE,
  podNow,
  podReady,
  script,
  startBench,
  statusOf,
} from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ pace: { restartMs: { first: 50, longest: 400 } } });
});
afterAll(() => bench?.stop());

const inVpn = { namespace: NAMESPACE };
const path = (pod: string, container: string) => ({ namespace: NAMESPACE, pod, container });

test('a crashing container is started again with back-off; its last words and exit code are kept', async () => {
  await createPod(bench, 'crash', { containers: [script('main', 'echo why > /dev/termination-log; exit 3')] });
  const status = await bench.cluster.until('restarted', () => {
    const found = statusOf(podNow(bench, 'crash'), 'main');
    return (found?.restartCount ?? 0) >= 2 && found?.state?.waiting ? found : undefined;
  });
  expect(status.state?.waiting?.reason).toBe('CrashLoopBackOff');
  expect(status.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: 'why\n' });
});

test('a killed container comes back in the same pod and network, with a fresh root', async () => {
  const pod = await createPod(bench, 'killed', { containers: [idle('main'), idle('other')] }).then(() =>
    podReady(bench, 'killed'),
  );
  await inContainer(bench, 'killed', 'main', 'echo x > /etc/mine');
  bench.cluster.killContainer(path('killed', 'main'));
  await bench.cluster.until('restarted', () => statusOf(podNow(bench, 'killed'), 'main')?.restartCount === 1);
  await podReady(bench, 'killed');
  expect(await inContainer(bench, 'killed', 'main', 'ls /etc/mine')).toContain('No such file');
  expect(podNow(bench, 'killed')?.status?.podIP).toBe(pod.status?.podIP);
  expect(statusOf(podNow(bench, 'killed'), 'main')?.lastState?.terminated?.exitCode).toBe(137);
  expect(statusOf(podNow(bench, 'killed'), 'other')?.restartCount).toBe(0);
});

test('an image that cannot be pulled shows as such, and the pod starts once it can', async () => {
  let isThere = false;
  const pull = async () => {
    if (!isThere) throw new Error('unexpected status: 500 Internal Server Error');
  };
  bench.images.set('lab/late:1', { rootfs: 'host', pull });
  const reasons = new Set<string | undefined>();
  // Why each change: the kubelet passes through the state between two looks.
  bench.cluster.caches.pods.onChange((pod) => {
    if (pod?.metadata?.name === 'pull') reasons.add(statusOf(pod, 'main')?.state?.waiting?.reason);
  });
  await createPod(bench, 'pull', { containers: [{ ...idle('main'), image: 'lab/late:1' }] });
  await bench.cluster.until('backing off', () => reasons.has('ImagePullBackOff'));
  expect(podNow(bench, 'pull')?.status?.phase).toBe('Pending');
  const told = await bench.cluster.client.list(events, inVpn);
  expect(told.filter(({ reason }) => reason === 'Failed').map(({ message }) => message)).toContain(
    'Failed to pull image "lab/late:1": failed to pull and unpack image "lab/late:1": unexpected status: 500 Internal Server Error',
  );
  isThere = true;
  await podReady(bench, 'pull');
});

test('a pod whose pull hangs can be deleted', async () => {
  bench.images.set('lab/hangs:1', { rootfs: 'host', pull: () => new Promise(() => {}) });
  await createPod(bench, 'hangs', { containers: [{ ...idle('main'), image: 'lab/hangs:1' }] });
  const isPulling = (list: readonly { reason?: string; involvedObject: { name?: string } }[]) =>
    list.some(({ reason, involvedObject }) => reason === 'Pulling' && involvedObject.name === 'hangs');
  while (!isPulling(await bench.cluster.client.list(events, inVpn)));
  await bench.cluster.deletePod(NAMESPACE, 'hangs');
  await bench.cluster.until('gone', () => podNow(bench, 'hangs') === undefined, 5000);
});

test('a missing Secret holds the container back until it is there', async () => {
  const envFrom = [{ secretRef: { name: 'late' } }];
  await createPod(bench, 'config', { containers: [idle('main', { envFrom })] });
  const waiting = () => statusOf(podNow(bench, 'config'), 'main')?.state?.waiting;
  await bench.cluster.until('refused', () => waiting()?.reason === 'CreateContainerConfigError');
  expect(waiting()?.message).toBe('secret "late" not found');
  await bench.cluster.client.create(secrets, { metadata: { name: 'late', ...inVpn }, stringData: { KEY: 'a b' } });
  await podReady(bench, 'config');
  expect(await inContainer(bench, 'config', 'main', 'echo "$KEY"')).toBe('a b');
});

test('a changed ConfigMap reaches the running container; an optional one may come later', async () => {
  const volumes = [{ name: 'settings', configMap: { name: 'settings', optional: true } }];
  const volumeMounts = [{ name: 'settings', mountPath: '/config' }];
  await createPod(bench, 'maps', { containers: [idle('main', { volumeMounts })], volumes });
  await podReady(bench, 'maps');
  expect(await inContainer(bench, 'maps', 'main', 'ls /config')).toBe('');
  await bench.cluster.client.create(configMaps, { metadata: { name: 'settings', ...inVpn }, data: { 'a.sh': 'one' } });
  const read = async (text: string) => {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await inContainer(bench, 'maps', 'main', 'cat /config/a.sh')) === text) return true;
    }
    return false;
  };
  expect(await read('one')).toBe(true);
  await bench.cluster.client.patch(configMaps, 'settings', { data: { 'a.sh': 'two' } }, { ...inVpn, type: 'merge' });
  expect(await read('two')).toBe(true);
  expect(await inContainer(bench, 'maps', 'main', 'echo x > /config/a.sh')).toContain('Read-only file system');
});

test.each([
  { name: 'none', security: { capabilities: { drop: ['ALL'] } }, link: 'Operation not permitted', sysctl: /Read-only/ },
  { name: 'default', security: {}, link: 'Operation not permitted', sysctl: /Read-only/ },
  {
    name: 'admin',
    security: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
    link: 'made',
    sysctl: /Read-only/,
  },
  { name: 'privileged', security: { privileged: true }, link: 'made', sysctl: /^$/ },
])('rights of a container: $name', async ({ name, security, link, sysctl }) => {
  await createPod(bench, `caps-${name}`, { containers: [idle('main', { securityContext: security })] });
  await podReady(bench, `caps-${name}`);
  const make = 'ip link add v0 type veth peer name v1 2>&1 && echo made';
  expect(await inContainer(bench, `caps-${name}`, 'main', make)).toContain(link);
  expect(await inContainer(bench, `caps-${name}`, 'main', 'echo 1 > /proc/sys/net/ipv4/ip_forward')).toMatch(sysctl);
});

needs('users')('user, group, further groups and what exec inherits', async () => {
  const securityContext = { runAsUser: 170, runAsGroup: 65170 };
  await createPod(bench, 'user', {
    containers: [idle('main', { securityContext })],
    securityContext: { fsGroup: 170 },
  });
  await podReady(bench, 'user');
  expect(await inContainer(bench, 'user', 'main', 'id -u; id -g; id -G; grep CapEff /proc/self/status')).toBe(
    '170\n65170\n65170 170\nCapEff:\t0000000000000000',
  );
});

test("a container writes into a layer over the machine, also where the machine is another user's", async () => {
  await createPod(bench, 'layer', { containers: [idle('main')] });
  await podReady(bench, 'layer');
  const write = 'mkdir /usr/lib/of-a-container && echo x >/etc/of-a-container && cat /etc/of-a-container';
  expect(await inContainer(bench, 'layer', 'main', write)).toBe('x');
  expect(['/usr/lib/of-a-container', '/etc/of-a-container'].filter((path) => existsSync(path))).toEqual([]);
});

test('containers share the network and volumes, and nothing else', async () => {
  const volumeMounts = [{ name: 'data', mountPath: '/charm', subPath: 'some/dir' }];
  const containers = [idle('one', { volumeMounts }), idle('two', { volumeMounts })];
  await createPod(bench, 'two', { containers, volumes: [{ name: 'data', emptyDir: {} }] });
  await podReady(bench, 'two');
  await inContainer(bench, 'two', 'one', 'for p in /tmp /run /etc /var/lib /charm; do echo one > $p/mark; done');
  const look =
    'cd /; ls tmp/mark run/mark etc/mark var/lib/mark charm/mark 2>/dev/null; ls /sys/class/net; ls -d /proc/[0-9]* | wc -l';
  const [files, ...rest] = (await inContainer(bench, 'two', 'two', look)).split('\n');
  expect([files, ...rest.slice(0, 2)]).toEqual(['charm/mark', 'eth0', 'lo']);
  expect(Number(rest[2])).toBeLessThan(8);
});

test('liveness restarts, startup gates the others', async () => {
  const startupProbe = { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 30 };
  const livenessProbe = { tcpSocket: { port: 7777 }, periodSeconds: 1, failureThreshold: 2 };
  const main = script('main', 'sleep 0.7; touch /tmp/up; exec sleep 1000', { startupProbe, livenessProbe });
  await createPod(bench, 'live', { containers: [main], terminationGracePeriodSeconds: 1 });
  await bench.cluster.until('running', () => statusOf(podNow(bench, 'live'), 'main')?.state?.running);
  expect(statusOf(podNow(bench, 'live'), 'main')?.started).not.toBe(true);
  await bench.cluster.until('restarted', () => statusOf(podNow(bench, 'live'), 'main')?.restartCount === 1);
  expect(bench.log.join('\n')).toContain('Liveness probe failed');
});

test.each([
  { name: 'listens', text: 'trap "exit 0" TERM; sleep 1000 & wait', least: 0, most: 900 },
  { name: 'ignores', text: 'trap "" TERM; while :; do sleep 0.05; done', least: 1000, most: 2500 },
])('the end of a container that $name', async ({ name, text, least, most }) => {
  await createPod(bench, `end-${name}`, { containers: [script('main', text)], terminationGracePeriodSeconds: 1 });
  await podReady(bench, `end-${name}`);
  const start = Date.now();
  await bench.cluster.deletePod(NAMESPACE, `end-${name}`);
  await bench.cluster.until('gone', () => podNow(bench, `end-${name}`) === undefined);
  expect(Date.now() - start).toBeGreaterThanOrEqual(least);
  expect(Date.now() - start).toBeLessThan(most);
});

test('a program that is not there, and a device that is not there', async () => {
  const device = { name: 'tun', hostPath: { path: '/dev/no-such-device', type: 'CharDevice' } };
  await createPod(bench, 'nothing', { containers: [{ name: 'main', image: HOST_IMAGE, command: ['/no/such'] }] });
  await createPod(bench, 'device', { containers: [idle('main')], volumes: [device] });
  const end = await bench.cluster.until(
    'refused',
    () => statusOf(podNow(bench, 'nothing'), 'main')?.lastState?.terminated,
  );
  expect(end).toMatchObject({ exitCode: 128, reason: 'StartError' });
  expect(end.message).toContain('exec: "/no/such": stat /no/such: no such file or directory');
  await bench.cluster.until('told', () =>
    bench.log.some((line) => line.includes('/dev/no-such-device does not exist')),
  );
  expect(podNow(bench, 'device')?.status?.phase).toBe('Pending');
});

test('the ServiceAccount token opens the API from inside the pod', async () => {
  await createPod(bench, 'token', { containers: [idle('main')] });
  await podReady(bench, 'token');
  const base = '/var/run/secrets/kubernetes.io/serviceaccount';
  const ask = `curl -s --cacert ${base}/ca.crt -H "Authorization: Bearer $(cat ${base}/token)" https://192.168.1.10:16443/api/v1/namespaces/$(cat ${base}/namespace)/pods`;
  expect(await inContainer(bench, 'token', 'main', ask)).toContain('system:serviceaccount:vpn:default');
});

test('a full quota and Pod Security refuse pods in the real words', async () => {
  const lift = fillQuota(bench.api.admission, NAMESPACE, 3);
  await expect(createPod(bench, 'many', { containers: [idle('main')] })).rejects.toThrow(
    'pods "many" is forbidden: exceeded quota: lab-pods, requested: pods=1, used: pods=3, limited: pods=3',
  );
  lift();
  const end = enforceBaseline(bench.api.admission, NAMESPACE);
  const securityContext = { capabilities: { add: ['NET_ADMIN'] } };
  await expect(createPod(bench, 'many', { containers: [idle('main', { securityContext })] })).rejects.toThrow(
    'pods "many" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container "main" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  );
  end();
});

test('a cordoned node takes no new pods', async () => {
  await bench.cluster.cordon();
  await createPod(bench, 'late', { containers: [idle('main')] });
  const condition = await bench.cluster.until('unschedulable', () => podNow(bench, 'late')?.status?.conditions?.[0]);
  expect(condition).toMatchObject({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' });
  await bench.cluster.cordon(false);
  await podReady(bench, 'late');
});
