/** @module What a client takes from the provider's side: every value parsed, or the whole refused with a sentence. */
import {
  type Cidr,
  contains,
  type DnsName,
  hostCidr,
  type Ip,
  isOwnUse,
  type Label,
  named,
  type OverlayNetwork,
  overlaps,
  overlayRange,
  type Port,
  parseCidrs,
  parseDnsName,
  parseIp,
  parseLabel,
  parseOverlay,
  parsePort,
  parseVni,
  Refusal,
  splitEndpointsName,
  type Vni,
} from '@vpn-k8s/net';
import * as v from 'valibot';
import { laxBoolean, laxInteger, readObject } from './lax.ts';
import { firstIssue, type ProviderShape, providerSchema } from './schema.ts';

/** UDP port of the overlay when the provider's data names none: the kernel's own default, which 0.5 gateways use. */
export const OLD_VXLAN_PORT = 8472;

/** The gateway as the relation describes it; only parsed values. */
export interface Gateway {
  readonly routingMethod: string;
  readonly dnsName: DnsName;
  readonly app: Label;
  /** Undefined when neither the data nor the DNS name tells it: then policies select by address only. */
  readonly namespace: Label | undefined;
  readonly ips: readonly Ip[];
  readonly vni: Vni;
  readonly overlay: OverlayNetwork;
  readonly vxlanPort: Port;
  readonly clusterCidrs: readonly Cidr[];
  readonly clusterDns: Ip;
  readonly clusterDomain: DnsName;
  readonly connected: boolean;
  readonly externalIp: Ip | null;
  readonly dnsIp: Ip;
  readonly mtu: number | undefined;
  readonly forwardedPorts: readonly Port[];
  readonly location: string | undefined;
}

/** Values of the charm's own configuration that stand in for the gateway's; they are trusted, so public ranges pass. */
export interface Overrides {
  readonly clusterCidrs?: readonly Cidr[];
  readonly clusterDns?: Ip;
}

/** The provider's data as read: not there yet, refused with a sentence, or taken. */
export type GatewayRead =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'gateway'; readonly gateway: Gateway };

/**
 * Reads the provider's databag text: shape as laxly as the Python readers, meaning strictly.
 * @param text the value of the key `config`, hostile until parsed
 * @example readGateway(relationGet(id, app, { app: true })['config'])
 */
export function readGateway(text: string | undefined, overrides: Overrides = {}): GatewayRead {
  const object = readObject(text);
  if (object.kind !== 'object') return object;
  const { fields } = object;
  const lax = { ...withoutNulls(fields) };
  for (const name of ['vxlan_id', 'vxlan_port', 'schema_version', 'mtu'])
    if (name in lax) lax[name] = laxInteger(lax[name]);
  if ('vpn_connected' in lax) lax.vpn_connected = laxBoolean(lax.vpn_connected);
  const shape = v.safeParse(providerSchema, lax);
  if (!shape.success) return { kind: 'invalid', problem: firstIssue(shape.issues) };
  try {
    return { kind: 'gateway', gateway: meaning(shape.output, overrides) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'invalid', problem: error.message };
    throw error;
  }
}

const THEIRS = ['routing_method', 'gateway_dns_name', 'vxlan_id', 'vxlan_ip_network', 'vxlan_port', 'cluster_cidrs'];
const NULL_REFUSED = [...THEIRS, 'cluster_dns_ip', 'vpn_connected', 'instance_name'];

/** Why: the Python readers refuse null in their own fields; a null in one of ours means that it is not there. */
function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([name, value]) => value !== null || NULL_REFUSED.includes(name));
  return Object.fromEntries(kept);
}

function meaning(data: ProviderShape, overrides: Overrides): Gateway {
  const overlay = named('vxlan_ip_network', data.vxlan_ip_network, parseOverlay);
  const clusterCidrs = overrides.clusterCidrs ?? named('cluster_cidrs', data.cluster_cidrs, ownRanges);
  for (const range of clusterCidrs) named('cluster_cidrs', range, () => besides(overlay, range));
  const near = (ip: string) => nearby(ip, clusterCidrs);
  const ips = (data.gateway_ips ?? []).map((ip) => named('gateway_ips', ip, near));
  return {
    ...place(data, ips),
    routingMethod: data.routing_method,
    ips,
    vni: parseVni(data.vxlan_id),
    overlay,
    vxlanPort: parsePort(data.vxlan_port ?? OLD_VXLAN_PORT),
    clusterCidrs,
    clusterDns: overrides.clusterDns ?? named('cluster_dns_ip', data.cluster_dns_ip, near),
    connected: data.vpn_connected,
    externalIp: addressOrNull(data.external_ip),
    dnsIp: named('dns_ip', data.dns_ip ?? `${overlay}.1`, (ip) => inOverlay(ip, overlay)),
    mtu: data.mtu,
    forwardedPorts: (data.forwarded_ports ?? []).map(parsePort),
    location: readable(data.location),
  };
}

/** Where the gateway stands in the cluster, from its own fields or from its DNS name. */
function place(
  data: ProviderShape,
  ips: readonly Ip[],
): Pick<Gateway, 'dnsName' | 'app' | 'namespace' | 'clusterDomain'> {
  const dnsName = named('gateway_dns_name', data.gateway_dns_name, parseDnsName);
  const parts = splitEndpointsName(dnsName);
  if (!parts && ips.length === 0) {
    throw new Refusal(
      dnsName,
      "is not an application's headless Service, and gateway_ips is missing",
      'gateway_dns_name',
    );
  }
  const called = named('instance_name', data.instance_name, parseLabel);
  const namespace = data.gateway_namespace ?? parts?.namespace;
  return {
    dnsName,
    app: named('gateway_app', data.gateway_app ?? parts?.app ?? called, parseLabel),
    namespace: namespace === undefined ? undefined : named('gateway_namespace', namespace, parseLabel),
    clusterDomain: named('cluster_domain', data.cluster_domain ?? parts?.domain ?? 'cluster.local', parseDnsName),
  };
}

/** Why only own-use space: whoever writes the relation must not take a part of the internet out of the tunnel. */
function ownRanges(text: string): Cidr[] {
  const ranges = parseCidrs(text);
  const open = ranges.find((range) => !isOwnUse(range));
  if (open) throw new Refusal(open, `holds the public range ${open}: name such ranges in config cluster-cidrs`);
  if (ranges.length === 0) throw new Refusal(text, 'holds no range: the ranges of pods, services and nodes are needed');
  return ranges;
}

function besides(overlay: OverlayNetwork, range: Cidr): void {
  if (overlaps(range, overlayRange(overlay))) throw new Refusal(range, `overlaps the overlay ${overlay}.0/24`);
}

function nearby(text: string, clusterCidrs: readonly Cidr[]): Ip {
  const ip = parseIp(text);
  const host = hostCidr(ip);
  if (isOwnUse(host) || clusterCidrs.some((range) => contains(range, host))) return ip;
  throw new Refusal(text, 'is not an address inside the cluster');
}

function inOverlay(text: string, overlay: OverlayNetwork): Ip {
  const ip = parseIp(text);
  if (!contains(overlayRange(overlay), hostCidr(ip))) throw new Refusal(text, `is not in the overlay ${overlay}.0/24`);
  return ip;
}

/** The exit address is only shown: what is not one is as good as unknown. */
function addressOrNull(text: string | null): Ip | null {
  try {
    return text ? parseIp(text) : null;
  } catch {
    return null;
  }
}

/** The location is only shown: what holds more than letters, digits and plain signs is left out. */
function readable(text: string | undefined): string | undefined {
  return text !== undefined && /^[\p{L}\p{M}\d ,.'()-]{1,60}$/u.test(text) ? text : undefined;
}
