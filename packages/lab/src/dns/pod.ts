/** @module The objects of the cluster's DNS as distributions install them: a pod, its Service and its right to read. */

import { realpathSync } from 'node:fs';
import { clusterRoleBindings, clusterRoles, type KubeClient, pods, serviceAccounts, services } from '@vpn-k8s/kube';
import { bundleProgram, IMAGE_NODE } from '../bundle.ts';
import type { Image } from '../kubernetes/images.ts';
import { addresses } from '../network/addresses.ts';

/** Reference of the image that {@link corednsImage} describes. */
export const COREDNS_IMAGE = 'registry.k8s.io/coredns/coredns:lab';

/** How the cluster's DNS behaves; see coredns.ts. */
export interface DnsBehaviour {
  /** Seconds on answers: 5 in CoreDNS' own default for the cluster's names, 30 in kubeadm's. */
  readonly ttl: number;
  /** Seconds that an answer about the cluster is kept; 0 as kubeadm configures since 1.31. */
  readonly cacheSeconds: number;
}

const NAMESPACE = 'kube-system';
const NAME = 'coredns';
const labels = { 'k8s-app': 'kube-dns' };

/** The resolver program under this machine's Node. */
export async function corednsImage(behaviour: DnsBehaviour): Promise<Image> {
  const options = { listen: '0.0.0.0', domain: 'cluster.local', upstream: addresses.echo, ...behaviour };
  const program = await bundleProgram('coredns', new URL('./coredns.ts', import.meta.url));
  return {
    rootfs: 'host',
    entrypoint: ['/coredns', JSON.stringify(options)],
    files: [
      { path: '/coredns', source: program },
      { path: IMAGE_NODE, source: realpathSync(process.execPath) },
    ],
  };
}

/** Creates the pod, the Service `kube-dns` with its well-known address, and the ServiceAccount with its rights. */
export async function createDns(kube: KubeClient): Promise<void> {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const rules = [
    { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ];
  await kube.create(serviceAccounts, { metadata }, { namespace: NAMESPACE });
  await kube.create(clusterRoles, { metadata: { name: 'system:coredns' }, rules });
  await kube.create(clusterRoleBindings, {
    metadata: { name: 'system:coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  });
  await kube.create(services, service(), { namespace: NAMESPACE });
  await kube.create(pods, pod(), { namespace: NAMESPACE });
}

function service() {
  const port = (name: string, protocol: 'TCP' | 'UDP') => ({ name, protocol, port: 53, targetPort: 53 });
  return {
    metadata: { name: 'kube-dns', namespace: NAMESPACE, labels },
    spec: {
      clusterIP: addresses.dnsService,
      selector: labels,
      ports: [port('dns', 'UDP'), port('dns-tcp', 'TCP')],
    },
  };
}

function pod() {
  return {
    metadata: { name: NAME, namespace: NAMESPACE, labels },
    spec: {
      serviceAccountName: NAME,
      dnsPolicy: 'Default',
      containers: [{ name: NAME, image: COREDNS_IMAGE, readinessProbe: { tcpSocket: { port: 53 }, periodSeconds: 1 } }],
    },
  };
}
