/** @module A unit of qBittorrent in a cluster, as this charm's tests and the benchmark of its hooks start from it. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildCharm,
  type CharmUnderTest,
  type Container,
  hook,
  type KubernetesObject,
  newContainer,
  newRelation,
  newSecret,
  newState,
  type Relation,
  run,
  type State,
} from '@vpn-k8s/charm-testing';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const lib = '../../../packages/vpn-k8s-lib';

/** The charm with the agent's scripts beside it, as the packer does. */
export function qbittorrentCharm(): Promise<CharmUnderTest> {
  return buildCharm({ dir: here('..'), files: { agent: here(`${lib}/src/agent`) } });
}

/** Each run of qBittorrent leaves a line here. */
export const RUNS = '/config/qBittorrent/runs';

/** Stands for qBittorrent: says that it was started, with which port, and goes on until it is stopped. */
const nox = `#!/bin/sh
sed -n 's/^Session.Port=/port /p' /config/qBittorrent/config/qBittorrent.conf >> ${RUNS}
exec sleep 300
`;

/** The workload's container before its first hook. */
export function container(change: Partial<Container> = {}): Container {
  return newContainer('qbittorrent', { programs: { 'qbittorrent-nox': nox }, ...change });
}

/** What a good gateway writes into the relation, with changes. */
export function gatewayText(change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    routing_method: 'pod-gateway',
    gateway_dns_name: 'gluetun-endpoints.vpn.svc.cluster.local',
    vxlan_id: 42,
    vxlan_ip_network: '172.16.0',
    vxlan_port: 4790,
    cluster_cidrs: '10.1.0.0/16,10.152.183.0/24',
    cluster_dns_ip: '10.152.183.10',
    vpn_connected: true,
    external_ip: '203.0.113.5',
    instance_name: 'gluetun',
    ...change,
  });
}

/** The relation with this text of the gateway, or with none. */
export function gateway(config?: string): Relation {
  return newRelation('vpn-gateway', 3, 'gluetun', { remoteAppData: config === undefined ? {} : { config } });
}

/** The gateway of a state says something else. */
export function told(state: State, config: string): State {
  return { ...state, relations: state.relations.map((one) => ({ ...one, remoteAppData: { config } })) };
}

const routes = (device: string) =>
  `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n${device}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`;

/** What the pod's kernel shows: before anything, or with the agent's alias and its default route. */
export function network(alias?: string): Record<string, string> {
  const common = { '/sys/class/net/eth0/mtu': '1500\n', '/etc/resolv.conf': 'nameserver 10.152.183.10\n' };
  if (alias === undefined) return { ...common, '/proc/net/route': routes('eth0') };
  return { ...common, '/proc/net/route': routes('vxlan0'), '/sys/class/net/vxlan0/ifalias': `${alias}\n` };
}

const slice: KubernetesObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.168.1.10'] }],
  ports: [{ name: 'https', port: 16443, protocol: 'TCP' }],
};

/** Juju's StatefulSet of the application, made from a recorded one, without what only a server may set. */
function statefulSet(): KubernetesObject {
  const recorded = readFileSync(here(`${lib}/fixtures/juju/statefulset-alpha.json`), 'utf8');
  const text = recorded.replaceAll('alpha', 'qbittorrent').replaceAll('"web"', '"qbittorrent"');
  const { metadata, status: _, ...rest } = JSON.parse(text) as StatefulSet;
  const { name, namespace, labels, annotations } = metadata!;
  return { ...rest, metadata: { name, namespace, labels, annotations } } as unknown as KubernetesObject;
}

/** The unit's pod, made from the StatefulSet's template, with all containers running. */
function podOf(set: KubernetesObject, unit: number): KubernetesObject {
  const { metadata, spec } = (set as unknown as StatefulSet).spec!.template;
  const containerStatuses = spec!.containers.map(({ name }) => ({
    name,
    ready: true,
    restartCount: 0,
    image: 'x',
    imageID: 'x',
    state: { running: {} },
  }));
  const claims = new Set(spec!.containers.flatMap((one) => one.volumeMounts ?? []).map((mount) => mount.name));
  for (const { name } of spec!.volumes ?? []) claims.delete(name);
  const volumes = [...claims].map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-${unit}` } }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `qbittorrent-${unit}`, namespace: 'lab' },
    spec: { ...spec, volumes: [...volumes, ...(spec!.volumes ?? [])] },
    status: { containerStatuses, podIPs: [{ ip: '10.1.0.10' }], podIP: '10.1.0.10' },
  } as unknown as KubernetesObject;
}

/** What the leader's first hook has made, so that nothing but the verdict keeps qBittorrent from running. */
const credentials = newSecret(
  'cq8h1abcdefghijklmno',
  { username: 'admin', password: 'tested-by-nobody', pbkdf2: '@ByteArray(c2FsdA==:a2V5)' },
  { owner: 'application', label: 'web-credentials' },
);

/** A leader after install, in the pod that Juju made. Its user is 0, since a user namespace of the test's may know no other. */
export function fresh(change: Partial<State> = {}): State {
  const set = statefulSet();
  return newState('qbittorrent/0', {
    apiAddresses: ['192.168.1.10:17070'],
    config: { uid: 0, gid: 0 },
    containers: [container()],
    secrets: [credentials],
    files: network(),
    kubernetes: { objects: [slice, set, podOf(set, 0)] },
    ...change,
  });
}

/** The object of a kind in the model's namespace, or undefined. */
export function object(state: State, kind: string): KubernetesObject | undefined {
  return state.kubernetes?.objects.find((one) => one.kind === kind && one.metadata.namespace === 'lab');
}

/** What the StatefulSet controller, the kubelet and the agent make of a patch: new pods, whose kernel shows `files`. */
export function inNewPod(patched: State, files: Record<string, string>): State {
  const set = object(patched, 'StatefulSet')!;
  const status = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, observedGeneration: set.metadata.generation };
  const others = patched.kubernetes!.objects.filter(({ kind }) => kind !== 'StatefulSet' && kind !== 'Pod');
  const unit = Number(patched.unit.split('/')[1]);
  const containers = patched.containers.map((one) => container({ files: one.files }));
  return { ...patched, files, containers, kubernetes: { objects: [...others, { ...set, status }, podOf(set, unit)] } };
}

/** The hash of the configuration that a patched pod is to prove. */
export function hashOf(patched: State): string {
  const { data } = object(patched, 'ConfigMap') as unknown as { data: Record<string, string> };
  return /CONFIG_HASH="([0-9a-f]{8})"/.exec(data['settings.sh'] ?? '')?.[1] ?? '';
}

/** Related and patched, its pod replaced and proven, qBittorrent not started yet. */
export async function proven(charm: CharmUnderTest): Promise<State> {
  const patched = await run(charm, hook('config-changed'), fresh({ relations: [gateway(gatewayText())] }));
  return inNewPod(patched, network(hashOf(patched)));
}
