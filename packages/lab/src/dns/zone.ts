/** @module The cluster's names from Services and EndpointSlices, pure, as the DNS specification for Kubernetes says. */

import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Answer } from './message.ts';

/** Addresses by fully qualified name without the final dot. */
export type Zone = Readonly<Record<string, readonly string[]>>;

/**
 * Names of Services: a ClusterIP, or each endpoint's address of a headless one and a name for each pod that has a host name.
 * @see https://github.com/kubernetes/dns/blob/master/docs/specification.md
 */
export function clusterZone(services: readonly Service[], slices: readonly EndpointSlice[], domain: string): Zone {
  const zone: Record<string, string[]> = {};
  for (const service of services) {
    const name = `${service.metadata?.name}.${service.metadata?.namespace}.svc.${domain}`;
    const address = service.spec?.clusterIP;
    if (address && address !== 'None') zone[name] = [address];
    else Object.assign(zone, headless(name, slicesOf(service, slices)));
  }
  return zone;
}

function slicesOf(service: Service, slices: readonly EndpointSlice[]): EndpointSlice[] {
  return slices.filter(
    ({ metadata }) =>
      metadata?.namespace === service.metadata?.namespace &&
      metadata?.labels?.['kubernetes.io/service-name'] === service.metadata?.name,
  );
}

function headless(name: string, slices: EndpointSlice[]): Record<string, string[]> {
  const zone: Record<string, string[]> = { [name]: [] };
  for (const endpoint of slices.flatMap((slice) => slice.endpoints)) {
    if (endpoint.conditions?.ready === false) continue;
    zone[name]?.push(...endpoint.addresses);
    if (endpoint.hostname) zone[`${endpoint.hostname}.${name}`] = [...endpoint.addresses];
  }
  return zone;
}

/** What the cluster's DNS answers; undefined when the name is not the cluster's. */
export function lookup(zone: Zone, name: string, domain: string, ttl: number): Answer | undefined {
  if (name !== domain && !name.endsWith(`.${domain}`)) return undefined;
  const addresses = zone[name];
  if (!addresses || addresses.length === 0) return { code: 'NXDOMAIN', addresses: [], ttl };
  return { code: 'NOERROR', addresses, ttl };
}
