/** @module The EndpointSlice of a Service: addresses of the pods that it selects. Pure. */

import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { shortHash } from './revision.ts';
import { isReady } from './stateful-plan.ts';

/** The slice as it should be; undefined for a Service that selects nothing by itself. */
export function endpointSlice(service: Service, pods: readonly Pod[]): EndpointSlice | undefined {
  const { name = '', namespace = '', uid = '' } = service.metadata ?? {};
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length === 0) return undefined;
  const selected = pods.filter((pod) => {
    const labels = pod.metadata?.labels ?? {};
    return pod.metadata?.namespace === namespace && selector.every(([key, value]) => labels[key] === value);
  });
  const living = selected.filter((pod) => pod.status?.podIP && !hasEnded(pod));
  const isHeadless = service.spec?.clusterIP === 'None';
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${shortHash(uid, 5)}`,
      namespace,
      labels: {
        ...service.metadata?.labels,
        ...(isHeadless && { 'service.kubernetes.io/headless': '' }),
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    endpoints: living.map((pod) => endpoint(service, pod)),
    ports: (service.spec?.ports ?? []).map(
      (port): EndpointPort => ({
        ...(port.name && { name: port.name }),
        protocol: port.protocol ?? 'TCP',
        port: targetPort(port.targetPort ?? port.port, living),
      }),
    ),
  };
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function endpoint(service: Service, pod: Pod): Endpoint {
  const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata ?? {};
  const terminating = deletionTimestamp !== undefined;
  const always = service.spec?.publishNotReadyAddresses ?? false;
  const serving = always || isReady(pod);
  const isNamed = pod.spec?.hostname && pod.spec.subdomain === service.metadata?.name;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: always || (serving && !terminating), serving, terminating },
    ...(isNamed && { hostname: pod.spec?.hostname ?? '' }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

function targetPort(target: number | string, pods: readonly Pod[]): number {
  if (typeof target === 'number') return target;
  const ports = pods.flatMap((pod) => (pod.spec?.containers ?? []).flatMap(({ ports: list }) => list ?? []));
  return ports.find(({ name }) => name === target)?.containerPort ?? 0;
}
