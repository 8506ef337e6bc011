/** @module A StatefulSet as Juju makes it, with real pods: start, order, roll-out, restarts, deletion. */

import { services, statefulSets } from '@vpn-k8s/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Bench,
  createSet,
  idle,
  inContainer,
  NAMESPACE,
  podNow,
  podReady,
  script,
  setNow,
  startBench,
  statusOf,
} from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.stop());

const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};
const shared = { volumes: [{ name: 'shared', emptyDir: {} }] };
const here = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };

test('pods get stable names, claims and addresses; init containers run in order, sidecars before what follows them', async () => {
  const say = (name: string) => script(name, `echo ${name} >> /shared/order`, here);
  const sidecar = idle('side', { ...here, restartPolicy: 'Always' } as object);
  sidecar.command = ['/bin/sh', '-c', `echo side >> /shared/order; ${sidecar.command?.[2]}`];
  const web = idle('web', { volumeMounts: [...here.volumeMounts, { name: 'data', mountPath: '/data' }] });
  await createSet(
    bench,
    'alpha',
    2,
    { initContainers: [say('one'), sidecar, say('two')], containers: [web], ...shared },
    { volumeClaimTemplates: [claim] },
  );
  const [first, second] = await Promise.all([podReady(bench, 'alpha-0'), podReady(bench, 'alpha-1')]);
  expect(await inContainer(bench, 'alpha-0', 'web', 'cat /shared/order; hostname')).toBe('one\nside\ntwo\nalpha-0');
  expect(first.metadata?.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'alpha-0' });
  expect(first.status?.podIP).not.toBe(second.status?.podIP);
  expect(statusOf(first, 'one')?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(statusOf(first, 'side')?.state).toHaveProperty('running');
  expect(bench.cluster.caches.claims.get(NAMESPACE, 'data-alpha-1')?.status?.phase).toBe('Bound');
});

test('a patched template rolls from the highest ordinal on and waits for Ready; claims keep their files', async () => {
  const before = podNow(bench, 'alpha-0')?.metadata?.uid;
  const old = setNow(bench, 'alpha')?.status?.currentRevision;
  await inContainer(bench, 'alpha-0', 'web', 'echo kept > /data/file; echo lost > /tmp/file');
  const env = [{ name: 'NEW', value: 'yes' }];
  const body = { spec: { template: { spec: { containers: [{ name: 'web', env }] } } } } as never;
  await bench.cluster.client.patch(statefulSets, 'alpha', body, { namespace: NAMESPACE, type: 'strategic' });
  await bench.cluster.until('alpha-1 goes first', () => podNow(bench, 'alpha-1')?.metadata?.deletionTimestamp);
  expect(podNow(bench, 'alpha-0')?.metadata?.deletionTimestamp).toBeUndefined();
  await podReady(bench, 'alpha-0', before);
  await bench.cluster.until('one revision', () => setNow(bench, 'alpha')?.status?.currentRevision !== old);
  expect(setNow(bench, 'alpha')?.status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2, observedGeneration: 2 });
  const text = 'cat /data/file; echo $NEW; ls /tmp';
  expect(await inContainer(bench, 'alpha-0', 'web', text)).toBe('kept\nyes');
});

test('a patch that changes nothing restarts nothing', async () => {
  const before = [podNow(bench, 'alpha-0'), podNow(bench, 'alpha-1')].map((pod) => pod?.metadata?.uid);
  const body = {
    spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'NEW', value: 'yes' }] }] } } },
  };
  await bench.cluster.client.patch(statefulSets, 'alpha', body as never, { namespace: NAMESPACE, type: 'strategic' });
  expect(setNow(bench, 'alpha')?.metadata?.generation).toBe(2);
  expect([podNow(bench, 'alpha-0'), podNow(bench, 'alpha-1')].map((pod) => pod?.metadata?.uid)).toEqual(before);
});

test('a headless Service publishes pods with their names, and not-ready ones where it says so', async () => {
  const spec = { clusterIP: 'None', selector: { 'app.kubernetes.io/name': 'beta' } };
  const create = (name: string, publishNotReadyAddresses: boolean) =>
    bench.cluster.client.create(services, {
      metadata: { name, namespace: NAMESPACE },
      spec: { ...spec, publishNotReadyAddresses },
    });
  await Promise.all([create('beta-endpoints', true), create('beta-ready', false)]);
  const readinessProbe = { exec: { command: ['test', '-e', '/shared/ready'] }, periodSeconds: 1 };
  await createSet(bench, 'beta', 1, { containers: [idle('web', { ...here, readinessProbe })], ...shared });
  const slice = (service: string) => {
    const all = bench.cluster.caches.endpointSlices.list(NAMESPACE);
    return all.find(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service)?.endpoints?.[0];
  };
  const early = await bench.cluster.until('published', () => slice('beta-endpoints'));
  expect(early).toMatchObject({ hostname: 'beta-0', conditions: { ready: true }, targetRef: { name: 'beta-0' } });
  await bench.cluster.until('known', () => slice('beta-ready'));
  expect(slice('beta-ready')?.conditions?.ready).toBe(false);
  await bench.cluster.until('running', () => statusOf(podNow(bench, 'beta-0'), 'web')?.state?.running);
  await inContainer(bench, 'beta-0', 'web', 'touch /shared/ready');
  await podReady(bench, 'beta-0');
  await bench.cluster.until('ready', () => slice('beta-ready')?.conditions?.ready);
});

test('a deleted pod comes back under its name; scaling down takes the highest ordinal', async () => {
  const before = podNow(bench, 'alpha-1')?.metadata?.uid;
  await bench.cluster.deletePod(NAMESPACE, 'alpha-1');
  await podReady(bench, 'alpha-1', before);
  const body = { spec: { replicas: 1 } };
  await bench.cluster.client.patch(statefulSets, 'alpha', body, { namespace: NAMESPACE, type: 'merge' });
  await bench.cluster.until('alpha-1 is gone', () => podNow(bench, 'alpha-1') === undefined);
  expect(podNow(bench, 'alpha-0')?.metadata?.deletionTimestamp).toBeUndefined();
});

test('deleting the set takes its pods along, and nothing of them is left on the node', async () => {
  await bench.cluster.client.delete(statefulSets, 'alpha', { namespace: NAMESPACE });
  await bench.cluster.until('alpha-0 is gone', () => podNow(bench, 'alpha-0') === undefined);
  expect(bench.cluster.pidOf({ namespace: NAMESPACE, pod: 'alpha-0', container: 'web' })).toBeUndefined();
  expect(bench.cluster.caches.claims.get(NAMESPACE, 'data-alpha-0')).toBeDefined();
});
