/** @module A unit of the gateway charm in a cluster, as the tests of this charm start from it. */

import { fileURLToPath } from 'node:url';
import { buildCharm, type CharmUnderTest, newContainer, newSecret, newState, type State } from '@vpn-k8s/charm-testing';

/** The customer's key; it must turn up nowhere but in its file. */
export const PRIVATE_KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
/** Id of the user's secret. */
export const SECRET = 'cq8h1abcdefghijklmno';

/** A configuration with which gluetun would start. */
export const config = {
  'cluster-cidrs': '10.1.0.0/16,10.152.183.0/24,192.168.1.0/24',
  'vpn-provider': 'custom',
  credentials: `secret:${SECRET}`,
  'wireguard-addresses': '10.64.0.2/32',
  'wireguard-endpoint-ip': '203.0.113.5',
  'wireguard-endpoint-port': 51820,
  'wireguard-public-key': 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=',
  'dns-address': '198.51.100.80',
} as const;

/** Stands for the container's `ip`, and makes gluetun's stand-in below executable, which files of a State are not. */
const ip = '#!/bin/sh\nchmod +x /gluetun-entrypoint\nexit 1\n';
const entrypoint = '#!/bin/sh\nexec sleep 300\n';

const template = {
  metadata: { labels: { 'app.kubernetes.io/name': 'gluetun' }, annotations: {} },
  spec: {
    serviceAccountName: 'gluetun',
    initContainers: [{ name: 'charm-init', image: 'jujud:4' }],
    containers: [
      { name: 'charm', image: 'charm-base:24.04' },
      { name: 'gluetun', image: 'gluetun:3.41.1', command: ['/charm/bin/pebble'] },
    ],
  },
};

/** Where the API server is: without it the library makes no policy, since that could cut the charm off. */
const apiServer = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.168.1.10'] }],
  ports: [{ name: 'https', port: 16443, protocol: 'TCP' }],
};

const objects = [
  apiServer,
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'gluetun', namespace: 'lab' },
    spec: { serviceName: 'gluetun-endpoints', selector: { matchLabels: template.metadata.labels }, template },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { clusterIP: '10.152.183.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
  },
  pod(['charm', 'gluetun']),
];

function pod(running: readonly string[]) {
  const containerStatuses = running.map((name) => ({
    name,
    state: { running: {} },
    ready: true,
    restartCount: 0,
    image: name,
    imageID: name,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'gluetun-0', namespace: 'lab', labels: template.metadata.labels },
    spec: { containers: running.map((name) => ({ name, image: name })) },
    status: { phase: 'Running', containerStatuses },
  };
}

/** Bundles the charm with the agent's scripts beside it, as the packer does. */
export function gluetunCharm(): Promise<CharmUnderTest> {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  return buildCharm({ dir: path('..'), files: { agent: path('../../../packages/vpn-k8s-lib/src/agent') } });
}

/** The leader, configured, before its first hook. */
export function leader(more: Partial<State> = {}): State {
  const files = { '/gluetun-entrypoint': entrypoint };
  return newState('gluetun/0', {
    config,
    secrets: [newSecret(SECRET, { 'private-key': PRIVATE_KEY })],
    containers: [newContainer('gluetun', { programs: { ip }, files })],
    kubernetes: { objects },
    ...more,
  });
}

/** The same unit in the pod that the patch made: the agent's sidecar runs and says this word. */
export function inNewPod(patched: State, word: string): State {
  const all = patched.kubernetes?.objects ?? [];
  const set = all.find(({ kind }) => kind === 'StatefulSet') as { spec?: { template: typeof template } } | undefined;
  const hash = JSON.stringify(set?.spec?.template.metadata.annotations).match(/"([0-9a-f]{8})"/)?.[1] ?? '';
  const others = all.filter(({ kind }) => kind !== 'Pod');
  const tunnel = word === 'up' ? { '/sys/class/net/tun0/mtu': '1320\n' } : {};
  return {
    ...patched,
    kubernetes: { objects: [...others, pod(['charm', 'gluetun', 'gateway-sidecar'])] },
    files: { '/sys/class/net/vxlan0/ifalias': `${hash} ${word}\n`, '/sys/class/net/eth0/mtu': '1500\n', ...tunnel },
  };
}

/** Requests that change something in the cluster. */
export function writes(state: State): string[] {
  const reads = ['get', 'list', 'watch'];
  const changing = (state.results?.requests ?? []).filter(({ verb }) => !reads.includes(verb));
  return changing.map(({ verb, path }) => `${verb} ${path.replace(/\?.*/, '').split('/').slice(-2).join('/')}`);
}
