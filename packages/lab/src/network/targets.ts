/** @module Services and EndpointSlices to translation targets, pure. */

import type { Service, ServicePort } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ServiceTarget } from './services.ts';

/** Each port of each ClusterIP Service with the endpoints that are ready. */
export function serviceTargets(services: readonly Service[], slices: readonly EndpointSlice[]): ServiceTarget[] {
  return services
    .filter(({ spec }) => spec?.clusterIP && spec.clusterIP !== 'None')
    .flatMap((service) => (service.spec?.ports ?? []).map((port) => target(service, port, slices)));
}

function target(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): ServiceTarget {
  const own = slices.filter(
    ({ metadata }) =>
      metadata?.namespace === service.metadata?.namespace &&
      metadata?.labels?.['kubernetes.io/service-name'] === service.metadata?.name,
  );
  return {
    clusterIp: service.spec?.clusterIP ?? '',
    protocol: port.protocol === 'UDP' ? 'UDP' : 'TCP',
    port: port.port,
    endpoints: own.flatMap((slice) => endpointsOf(slice, port)),
  };
}

function endpointsOf(slice: EndpointSlice, port: ServicePort): { address: string; port: number }[] {
  const match = (slice.ports ?? []).find(({ name, protocol }) => sameName(name, port) && sameProtocol(protocol, port));
  const number = match?.port ?? (typeof port.targetPort === 'number' ? port.targetPort : port.port);
  const ready = slice.endpoints.filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port: number })));
}

const sameName = (name: string | undefined, port: ServicePort) => (name ?? '') === (port.name ?? '');
const sameProtocol = (protocol: string | undefined, port: ServicePort) =>
  (protocol ?? 'TCP') === (port.protocol ?? 'TCP');
