/** @module The gateway's configuration: the charm's options parsed, and what they leave open filled in; pure. */
import {
  type Cidr,
  type DnsName,
  type Ip,
  named,
  type OverlayNetwork,
  overlaps,
  overlayMtu,
  overlayRange,
  type Port,
  parseCidrs,
  parseDnsName,
  parseIp,
  parseOverlay,
  parsePort,
  parseVni,
  Refusal,
  type Vni,
} from '@vpn-k8s/net';
import type { Facts } from './gather.ts';

/** The gateway's configuration, parsed. */
export interface Config {
  readonly vni: Vni;
  readonly vxlanPort: Port;
  readonly overlay: OverlayNetwork;
  readonly clusterCidrs: readonly Cidr[];
  readonly clusterDns: readonly Ip[];
  readonly clusterDomain: DnsName;
  readonly mtu: number | undefined;
}

/** The configuration from the charm's options and what was found in the cluster. @throws Refusal */
export function parseConfig(facts: Facts): Config {
  const { options, resolvers } = facts;
  const overlay = named('vxlan-network', options.vxlanNetwork ?? '172.16.0', parseOverlay);
  const clusterCidrs = named('cluster-cidrs', options.clusterCidrs, parseCidrs);
  const clash = clusterCidrs.find((range) => overlaps(range, overlayRange(overlay)));
  if (clash) throw new Refusal(clash, `overlaps the overlay ${overlay}.0/24: change vxlan-network`, 'cluster-cidrs');
  if (clusterCidrs.length === 0)
    throw new Refusal('', 'holds no range: name those of pods, services and nodes', 'cluster-cidrs');
  const clusterDns = options.clusterDnsIp ? [named('cluster-dns-ip', options.clusterDnsIp, parseIp)] : resolvers.values;
  if (clusterDns.length === 0)
    throw new Refusal('', 'is not set, and no resolver of the cluster was found', 'cluster-dns-ip');
  return {
    vni: named('vxlan-id', options.vxlanId ?? 42, parseVni),
    vxlanPort: named('vxlan-port', options.vxlanPort ?? 4790, parsePort),
    overlay,
    clusterCidrs,
    clusterDns,
    clusterDomain: named('cluster-domain', options.clusterDomain ?? 'cluster.local', parseDnsName),
    mtu: mtuOf(facts),
  };
}

function mtuOf({ uplinkMtu, tunnelMtu }: Facts): number | undefined {
  return uplinkMtu === undefined || tunnelMtu === undefined ? undefined : overlayMtu(uplinkMtu, 4, tunnelMtu);
}
