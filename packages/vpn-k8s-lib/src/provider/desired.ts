/** @module What a gateway wants: pure, from what was gathered. */
import {
  type Cidr,
  type DnsName,
  endpointsName,
  hostCidr,
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
  parseLabel,
  parseOverlay,
  parsePort,
  parseVni,
  Refusal,
  type Vni,
} from '@vpn-k8s/net';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { apiServersOf, apiServiceOf, controllersOf } from '../discovery.ts';
import { AGENT_IMAGE, GATEWAY, gatewayConfigMap } from '../names.ts';
import { configMap, owned } from '../objects.ts';
import { openPorts } from '../patch/ports.ts';
import { additionsPatch, type StatefulSetPatch } from '../patch/template.ts';
import { type ControlPlane, lacking } from '../policy/egress.ts';
import { ownPolicy } from '../policy/policies.ts';
import { type ClientRead, readClient } from '../relation/client.ts';
import { podGateway } from '../routing/pod-gateway.ts';
import { agentData } from '../settings.ts';
import type { Facts, Related } from './gather.ts';
import type { ProviderOptions, TunnelEndpoint } from './options.ts';
import { relationTextFor } from './relation-text.ts';
import { tunnelContainer, tunnelVolumes } from './tunnel-container.ts';

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

/** A relation with what was made of the client's data. */
export interface Client {
  readonly related: Related;
  readonly read: ClientRead;
}

/** What a gateway wants the cluster and its relations to hold. */
export interface Desired {
  readonly clients: readonly Client[];
  readonly hash: string | undefined;
  readonly configMap: ConfigMap | undefined;
  readonly policy: NetworkPolicy | undefined;
  readonly patch: StatefulSetPatch | undefined;
  /** Text by relation id. */
  readonly texts: Readonly<Record<string, string>>;
  /** Why nothing is wanted, for a person. */
  readonly blocked: string | undefined;
}

/** What is wanted; a configuration that is refused leaves everything as it is. */
export function desired(facts: Facts): Desired {
  const clients = facts.related.map((related) => ({ related, read: readClient(related.text) }));
  const nothing = { clients, hash: undefined, configMap: undefined, policy: undefined, patch: undefined, texts: {} };
  try {
    const config = parse(facts);
    return { clients, ...objects(facts, config, clients), blocked: lacking(plane(facts, config)) };
  } catch (error) {
    if (error instanceof Refusal) return { ...nothing, blocked: `configuration is refused: ${error.message}` };
    throw error;
  }
}

function parse(facts: Facts): Config {
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

type Objects = Omit<Desired, 'clients' | 'blocked'>;

function objects(facts: Facts, config: Config, clients: readonly Client[]): Objects {
  const { app, namespace, ownerUid, live, view } = facts;
  const owner = { app, namespace, uid: ownerUid };
  const pod = live.statefulSet && podOf(facts, live.statefulSet, config, clients);
  const ready = pod !== undefined && facts.overlay.hash === pod.hash && facts.overlay.word === 'up';
  const texts = clients.map(({ related, read }) => [related.id, relationTextFor(facts, config, read, ready)]);
  const control = plane(facts, config);
  const endpoints = (view.endpoints ?? []).map(checked);
  const policy = lacking(control) ? undefined : ownPolicy(app, control, config.clusterCidrs, endpoints);
  return {
    hash: pod?.hash,
    configMap: pod && owned(pod.configMap, owner),
    policy: policy && owned(policy, owner),
    patch: pod?.patch,
    texts: Object.fromEntries(texts),
  };
}

function checked({ address, port, protocol }: TunnelEndpoint): TunnelEndpoint {
  return {
    address: address === null ? null : named('VPN endpoint', address, (text) => hostCidr(parseIp(text))),
    port: named('VPN endpoint port', port, parsePort),
    protocol,
  };
}

function plane({ slice, env, apiAddresses }: Facts, { clusterDns }: Config): ControlPlane {
  const apiServers = [...apiServersOf(slice), ...apiServiceOf(env)];
  return { dns: clusterDns, apiServers, controllers: controllersOf(apiAddresses) };
}

function podOf(facts: Facts, live: StatefulSet, config: Config, clients: readonly Client[]) {
  const { app, options, scripts } = facts;
  const name = gatewayConfigMap(app);
  const { data, hash } = agentData(
    podGateway.gatewaySettings({
      ...config,
      tunnel: options.tunnel,
      tunnelDns: tunnelDns(options),
      clientNames: clientNames(facts, config, clients),
      openPorts: openPorts(live, options.openPorts ?? []),
    }),
    scripts,
  );
  const { volume, ...containers } = podGateway.gatewayPod(options.agentImage ?? AGENT_IMAGE, name);
  const additions = {
    ...containers,
    names: GATEWAY,
    hash,
    volumes: [volume, ...tunnelVolumes(options)],
    others: tunnelContainer(live, options),
    defaultContainer: options.container,
  };
  // Why nat.conf: upstream's scripts, which an operator may mount instead, read it.
  return { hash, configMap: configMap(name, { ...data, 'nat.conf': '' }), patch: additionsPatch(live, additions) };
}

function tunnelDns({ tunnelDnsIps = '127.0.0.1' }: ProviderOptions): Ip[] {
  const addresses = tunnelDnsIps.split(/[\s,]+/).filter((text) => text !== '');
  return addresses.map((text) => named('tunnel-dns-ips', text, parseIp));
}

/** Headless names of the clients' applications; the gateway finds their pods by them. */
function clientNames({ namespace }: Facts, { clusterDomain }: Config, clients: readonly Client[]): string[] {
  const own = parseLabel(namespace);
  return clients
    .flatMap(({ read }) => (read.kind === 'client' ? [read.client] : []))
    .map((client) => endpointsName(client.instanceName, client.namespace ?? own, clusterDomain))
    .sort();
}
