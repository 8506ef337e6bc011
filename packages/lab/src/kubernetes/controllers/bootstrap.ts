/** @module What a cluster has before anybody deploys: namespaces, the node, the Service of the API server, service accounts. */

import {
  AlreadyExists,
  configMaps,
  endpointSlices,
  type KubeClient,
  type KubeObject,
  namespaces,
  nodes,
  type Resource,
  serviceAccounts,
  serviceCidrs,
  services,
} from '@vpn-k8s/kube';
import { apiTime } from '../kubelet/pod-status.ts';
import { Queue } from '../queue.ts';
import type { ControllerPorts } from './stateful-sets.ts';

/** The cluster's addresses. */
export interface ClusterAddresses {
  readonly node: string;
  readonly nodeName: string;
  readonly apiServer: { readonly address: string; readonly port: number };
  readonly kubernetesService: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** Creates what is missing; what is there is left as it is. */
export async function bootstrap(client: KubeClient, addresses: ClusterAddresses): Promise<void> {
  const { kubernetesService: clusterIP, apiServer } = addresses;
  for (const name of ['default', 'kube-system', 'kube-public']) {
    await ensure(client, namespaces, { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } });
  }
  await ensure(client, serviceCidrs, { metadata: { name: 'kubernetes' }, spec: { cidrs: [addresses.serviceCidr] } });
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default', labels };
  const port = { name: 'https', protocol: 'TCP' as const, port: 443, targetPort: apiServer.port };
  await ensure(client, services, {
    metadata,
    spec: { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ports: [port] },
  });
  await ensure(client, endpointSlices, {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [apiServer.address], conditions: { ready: true } }],
    ports: [{ name: 'https', protocol: 'TCP', port: apiServer.port }],
  });
  await createNode(client, addresses);
}

async function createNode(client: KubeClient, { node, nodeName, podCidr }: ClusterAddresses): Promise<void> {
  const labels = { 'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': ARCH };
  await ensure(client, nodes, {
    metadata: { name: nodeName, labels },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
  });
  const now = apiTime(new Date());
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const status = {
    addresses: [
      { type: 'InternalIP', address: node },
      { type: 'Hostname', address: nodeName },
    ],
    conditions: [ready],
    nodeInfo: { kubeletVersion: 'v1.36.3', architecture: ARCH, operatingSystem: 'linux' },
  };
  await client.patch(nodes, nodeName, { status } as never, { type: 'merge', subresource: 'status' });
}

const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Gives every namespace its `default` ServiceAccount and the authority's certificate; the returned function ends it. */
export function runNamespaces({ client, caches, log }: ControllerPorts, ca: string): () => void {
  const furnish = async (namespace: string) => {
    if (caches.namespaces.get(undefined, namespace)?.metadata?.deletionTimestamp) return;
    await ensure(client, serviceAccounts, { metadata: { name: 'default', namespace } });
    await ensure(client, configMaps, { metadata: { name: 'kube-root-ca.crt', namespace }, data: { 'ca.crt': ca } });
  };
  const queue = new Queue(furnish, (key, error) => log(`namespace ${key}: ${(error as Error).message}`));
  const add = (object: KubeObject | undefined, before: KubeObject | undefined) => {
    if (object && !before) queue.add(object.metadata?.name ?? '');
  };
  caches.namespaces.onChange(add);
  for (const object of caches.namespaces.list()) add(object, undefined);
  return () => queue.stop();
}

async function ensure<T extends KubeObject>(client: KubeClient, resource: Resource<T>, object: T): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}
