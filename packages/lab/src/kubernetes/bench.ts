/** @module A small cluster for tests: network, API server, node, and pods whose containers are shell scripts. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespaces, pods as podResource, statefulSets } from '@vpn-k8s/kube';
import { ApiServer } from '@vpn-k8s/kube-testing';
import type { StatefulSet, StatefulSetSpec } from 'kubernetes-types/apps/v1.js';
import type { Container, ContainerStatus, Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { addresses } from '../network/addresses.ts';
import { CommandRunner } from '../network/ip.ts';
import { buildNetwork } from '../network/node.ts';
import { PodNetwork } from '../network/pods.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { Images } from './images.ts';

/** The reference of an image that is this machine's root. */
export const HOST_IMAGE = 'lab/host:1';
/** The namespace of the tests' objects. */
export const NAMESPACE = 'vpn';

/** A cluster that tests share. */
export interface Bench {
  readonly api: ApiServer;
  readonly cluster: Cluster;
  readonly images: Images;
  readonly log: readonly string[];
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

/** Starts it; runs as the lab's node (inside.ts). */
export async function startBench(options: Partial<ClusterOptions> = {}): Promise<Bench> {
  const commands = new CommandRunner();
  buildNetwork(commands);
  const { address, port } = addresses.apiServer;
  const api = await ApiServer.start({ host: address, port, extraSans: [addresses.kubernetesService] });
  const images = new Images();
  images.set(HOST_IMAGE, { rootfs: 'host' });
  const log: string[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'lab-'));
  const network = new PodNetwork(commands);
  const base = { api, network, images, dir, log: (line: string) => log.push(line), singleUser: true };
  const cluster = await Cluster.start({ ...base, ...options });
  await cluster.client.create(namespaces, { metadata: { name: NAMESPACE } });
  const stop = async () => {
    await cluster.stop();
    await api.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return { api, cluster, images, log, stop };
}

/** A container that runs a shell script. */
export function script(
  name: string,
  text: string,
  more: Partial<Container> & { restartPolicy?: string } = {},
): Container {
  return { name, image: HOST_IMAGE, command: ['/bin/sh', '-c', text], ...more };
}

/** A container that does nothing for ever, and ends at once when asked to. */
export function idle(name: string, more: Partial<Container> = {}): Container {
  return script(name, 'trap "exit 0" TERM; sleep 1000 & wait', more);
}

/** Creates a pod of the test's namespace. */
export function createPod(bench: Bench, name: string, spec: PodSpec): Promise<Pod> {
  const body = { metadata: { name, namespace: NAMESPACE, labels: { app: name } }, spec };
  return bench.cluster.client.create(podResource, body);
}

/** Creates a StatefulSet as Juju shapes it: Parallel, RollingUpdate, a headless Service's name. */
export function createSet(
  bench: Bench,
  name: string,
  replicas: number,
  pod: PodSpec,
  more: Partial<StatefulSetSpec> = {},
) {
  const labels = { 'app.kubernetes.io/name': name };
  const spec: StatefulSetSpec = {
    replicas,
    serviceName: `${name}-endpoints`,
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, ...pod } },
    ...more,
  };
  return bench.cluster.client.create(statefulSets, { metadata: { name, namespace: NAMESPACE }, spec });
}

/** The pod as the API has it now. */
export function podNow(bench: Bench, name: string): Pod | undefined {
  return bench.cluster.caches.pods.get(NAMESPACE, name);
}

/** The set as the API has it now. */
export function setNow(bench: Bench, name: string): StatefulSet | undefined {
  return bench.cluster.caches.statefulSets.get(NAMESPACE, name);
}

/** Waits until a pod is Ready and gives it back. */
export function podReady(bench: Bench, name: string, uidBefore?: string): Promise<Pod> {
  return bench.cluster.until(`pod ${name} is ready`, () => {
    const pod = podNow(bench, name);
    const ready = pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return ready && !pod?.metadata?.deletionTimestamp && pod?.metadata?.uid !== uidBefore ? pod : undefined;
  });
}

/** The status of a container, init containers included. */
export function statusOf(pod: Pod | undefined, container: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/** What a shell script in a container prints, errors included, without the last line's end. */
export async function inContainer(bench: Bench, pod: string, container: string, text: string): Promise<string> {
  const path = { namespace: NAMESPACE, pod, container };
  const { stdout, stderr } = await bench.cluster.execText(path, ['/bin/sh', '-c', text]);
  return `${stdout}${stderr}`.trimEnd();
}
