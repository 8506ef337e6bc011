/** @module States for whole hooks: an application of Juju's own making in an API server, and the pod as the kubelet and the agent leave it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildCharm,
  type CharmUnderTest,
  type KubernetesObject,
  newContainer,
  newState,
  type State,
} from '@vpn-k8s/charm-testing';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const fixture = (path: string): unknown => JSON.parse(readFileSync(here(`../fixtures/${path}`), 'utf8'));

/** The bundle of a test's charm with the agent's scripts beside it. */
export function charm(side: 'client' | 'gateway'): Promise<CharmUnderTest> {
  return buildCharm({ dir: here(side), entry: here(`${side}/charm.ts`), files: { agent: here('../src/agent') } });
}

/** The provider's text of a good gateway, with changes. */
export function gatewayText(change: Record<string, unknown> = {}): string {
  const recorded = fixture('charmarr/vpn-gateway-0.6.4.json') as {
    provider_databag: { connected: { config: string } };
  };
  return JSON.stringify({ ...(JSON.parse(recorded.provider_databag.connected.config) as object), ...change });
}

const routes = (device: string) =>
  `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n${device}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`;

/** What the pod's kernel shows: before anything, or with the agent's alias and a default route by that device. */
export function network(alias?: string, device = alias === undefined ? 'eth0' : 'vxlan0'): Record<string, string> {
  const resolver = { '/etc/resolv.conf': 'nameserver 10.152.183.10\n' };
  const files = { '/proc/net/route': routes(device), '/sys/class/net/eth0/mtu': '1500\n', ...resolver };
  return alias === undefined ? files : { ...files, '/sys/class/net/vxlan0/ifalias': `${alias}\n` };
}

const slice: KubernetesObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.168.1.10'] }],
  ports: [{ name: 'https', port: 16443, protocol: 'TCP' }],
};

const resolver: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: { clusterIP: '10.152.183.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
};

/** Owner of our objects; the same in every hook of a test. */
const account = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'alpha', namespace: 'lab', uid: '00000000-0000-4000-8000-00000000002e' },
};

/** Juju's StatefulSet of the application without what only a server may set. */
export function statefulSet(): KubernetesObject {
  const { metadata, status, ...rest } = fixture('juju/statefulset-alpha.json') as StatefulSet;
  const { name, namespace, labels, annotations } = metadata!;
  return { ...rest, metadata: { name, namespace, labels, annotations } } as unknown as KubernetesObject;
}

/** The unit's pod, made from a StatefulSet's template, with all containers running. */
export function podOf(set: KubernetesObject): KubernetesObject {
  const { template, volumeClaimTemplates } = (set as unknown as StatefulSet).spec!;
  const { metadata, spec } = template;
  const names = (volumeClaimTemplates ?? []).map((claim) => claim.metadata!.name!);
  const claims = names.map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-alpha-0` } }));
  const containerStatuses = spec!.containers.map(({ name }) => ({
    name,
    ready: true,
    restartCount: 0,
    image: 'x',
    imageID: 'x',
    state: { running: {} },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'alpha-0', namespace: 'lab' },
    spec: { ...spec, volumes: [...claims, ...(spec!.volumes ?? [])] },
    status: { containerStatuses, podIPs: [{ ip: '10.1.0.10' }], podIP: '10.1.0.10' },
  } as unknown as KubernetesObject;
}

/** A fresh leader whose workload runs, as an application that was refreshed to a protected charm. */
export function fresh(change: Partial<State> = {}): State {
  const set = statefulSet();
  const service = { override: 'replace', command: 'sleep 1000', startup: 'disabled' } as const;
  return newState('alpha/0', {
    apiAddresses: ['192.168.1.10:17070'],
    containers: [newContainer('web', { layers: { web: { services: { web: service } } }, running: ['web'] })],
    files: network(),
    kubernetes: { objects: [account, slice, resolver, set, podOf(set)] },
    ...change,
  });
}

/** The object of a kind that a hook left, or undefined. */
export function object(state: State, kind: string): KubernetesObject | undefined {
  return state.kubernetes?.objects.find((one) => one.kind === kind && one.metadata.namespace === 'lab');
}

/** The next state: the StatefulSet controller has replaced the pod, and the agent in it has done its work. */
export function rolledOut(state: State, files: Record<string, string>): State {
  const set = object(state, 'StatefulSet')!;
  const generation = set.metadata.generation;
  const status = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, observedGeneration: generation };
  const others = state.kubernetes!.objects.filter(({ kind }) => kind !== 'StatefulSet' && kind !== 'Pod');
  const objects = [...others, { ...set, status }, podOf(set)];
  const containers = state.containers.map((container) => ({ ...container, running: [] }));
  return { ...state, files, containers, kubernetes: { objects } };
}

/** Requests of the hook that were writes, as `verb last-part-of-the-path`. */
export function writes(state: State): string[] {
  return (state.results?.requests ?? [])
    .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
    .map(({ verb, path }) => `${verb} ${path.split('?')[0]!.split('/').slice(-2).join('/')}`);
}

/** The objects that a client of the Python family has in the API, under the names of this test's application. */
export function pythonObjects(version: string): KubernetesObject[] {
  const recorded = JSON.stringify(fixture(`charmarr/k8s-${version}-client-plain-1-first-relate.json`));
  const renamed = recorded
    .replaceAll('"name":"qbittorrent","', '"name":"web","')
    .replaceAll('qbittorrent', 'alpha')
    .replaceAll('media', 'lab');
  return Object.values(JSON.parse(renamed) as Record<string, KubernetesObject>).map((one) => {
    const { uid, resourceVersion, generation, creationTimestamp, ...metadata } = one.metadata;
    return { ...one, metadata: one.kind === 'StatefulSet' ? { ...metadata, name: 'alpha' } : metadata };
  });
}
