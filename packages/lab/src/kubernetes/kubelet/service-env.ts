/** @module The variables that a kubelet derives from the Services of a pod's namespace. */

import type { Pod, Service } from 'kubernetes-types/core/v1.js';

/**
 * `NAME_SERVICE_HOST`, `NAME_PORT_80_TCP` and so on for every ClusterIP; only those of `kubernetes` without service links.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceEnv(pod: Pod, services: readonly Service[]): Record<string, string> {
  const links = pod.spec?.enableServiceLinks ?? true;
  const seen = services.filter((service) => isMaster(service) || (links && sameNamespace(service, pod)));
  return Object.assign({}, ...seen.map(variables)) as Record<string, string>;
}

function isMaster(service: Service): boolean {
  return service.metadata?.namespace === 'default' && service.metadata.name === 'kubernetes';
}

function sameNamespace(service: Service, pod: Pod): boolean {
  return service.metadata?.namespace === pod.metadata?.namespace;
}

function variables(service: Service): Record<string, string> {
  const address = service.spec?.clusterIP;
  const ports = service.spec?.ports ?? [];
  const [first] = ports;
  if (!address || address === 'None' || !first) return {};
  const name = (service.metadata?.name ?? '').toUpperCase().replaceAll('-', '_');
  const url = (port: typeof first) => `${(port.protocol ?? 'TCP').toLowerCase()}://${address}:${port.port}`;
  const result: Record<string, string> = {
    [`${name}_SERVICE_HOST`]: address,
    [`${name}_SERVICE_PORT`]: String(first.port),
    [`${name}_PORT`]: url(first),
  };
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
    if (port.name) result[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
    result[prefix] = url(port);
    result[`${prefix}_PROTO`] = protocol.toLowerCase();
    result[`${prefix}_PORT`] = String(port.port);
    result[`${prefix}_ADDR`] = address;
  }
  return result;
}
