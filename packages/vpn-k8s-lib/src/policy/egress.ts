/** @module The rules of a policy, one per concern, always in the same order. */
import { type Cidr, hostCidr, type Ip, type Label, type Port } from '@vpn-k8s/net';
import type { NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.js';

/** A TCP service that the charm itself must reach: the API server, the Juju controller. */
export interface Endpoint {
  /** An address, or a namespace for a name that is a Service of the cluster. */
  readonly to: Ip | { readonly namespace: Label };
  readonly port: Port;
}

/** What must stay reachable so that the charm can always undo what it did. */
export interface ControlPlane {
  readonly dns: readonly Ip[];
  readonly apiServers: readonly Endpoint[];
  readonly controllers: readonly Endpoint[];
}

/**
 * Why there can be no policy, or undefined. None is better than one that lacks these: a policy that cuts the charm off could not
 * be undone by it.
 */
export function lacking({ apiServers, controllers }: ControlPlane): string | undefined {
  if (apiServers.length === 0) return 'no address of the API server is known, so no policy is made';
  if (controllers.length === 0) return 'no address of the Juju controller is known, so no policy is made';
  return undefined;
}

const DNS_PORTS: NetworkPolicyPort[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

/** Cluster DNS by namespace (where policies see pods behind a Service) and by address (where they see the Service). */
export function dnsRule(dns: readonly Ip[]): NetworkPolicyEgressRule {
  const pods = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
  return { to: [pods, ...unique(dns.map((ip) => hostCidr(ip))).map(block)], ports: DNS_PORTS };
}

/** One rule per port for the API server and the controller. */
export function endpointRules(endpoints: readonly Endpoint[]): NetworkPolicyEgressRule[] {
  const byPort = [...new Set(endpoints.map(({ port }) => port))].sort((a, b) => a - b);
  return byPort.map((port) => {
    const peers = endpoints.filter((endpoint) => endpoint.port === port).map(({ to }) => canonicalPeer(to));
    return {
      to: unique(peers).map((text) => JSON.parse(text) as NetworkPolicyPeer),
      ports: [{ protocol: 'TCP', port }],
    };
  });
}

function canonicalPeer(to: Endpoint['to']): string {
  if (typeof to === 'string') return JSON.stringify(block(hostCidr(to)));
  return JSON.stringify({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': to.namespace } } });
}

/**
 * The cluster's own ranges, and every pod by selector. Why both: a plug-in such as Cilium does not match pods by address, and
 * Services and nodes have no labels.
 */
export function clusterRule(ranges: readonly Cidr[]): NetworkPolicyEgressRule {
  return { to: [{ namespaceSelector: {} }, ...ranges.map(block)] };
}

/** A peer by range. */
export function block(cidr: Cidr): NetworkPolicyPeer {
  return { ipBlock: { cidr } };
}

function unique<T extends string>(values: readonly T[]): T[] {
  return [...new Set(values)].sort();
}
