/** @module What a cluster has before anybody deploys: the node, the Service of the API server, service accounts. */

import {
  endpointSlices,
  type KubeClient,
  type KubeObject,
  nodes,
  type Resource,
  serviceCidrs,
  services,
} from '@vpn-k8s/kube';
import { apiTime } from '../kubelet/pod-status.ts';

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
  await ensure(client, serviceCidrs, { metadata: { name: 'kubernetes' }, spec: { cidrs: [addresses.serviceCidr] } });
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default', labels };
  const ports = [{ name: 'https', protocol: 'TCP' as const, port: 443, targetPort: apiServer.port }];
  await ensure(client, services, { metadata, spec: { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ports } });
  await client.patch(services, 'kubernetes', { spec: { ports } }, { namespace: 'default', type: 'merge' });
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

async function ensure<T extends KubeObject>(client: KubeClient, resource: Resource<T>, object: T): Promise<void> {
  const { name = '', namespace } = object.metadata ?? {};
  if (await client.get(resource, name, { namespace })) return;
  await client.create(resource, object);
}
