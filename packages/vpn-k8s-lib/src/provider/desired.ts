/** @module What a gateway wants: pure, from what was gathered. */
import { endpointsName, hostCidr, type Ip, named, parseIp, parseLabel, parsePort, Refusal } from '@vpn-k8s/net';
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
import { type Config, parseConfig } from './config.ts';
import type { Facts, Related } from './gather.ts';
import type { ProviderOptions, TunnelEndpoint } from './options.ts';
import { relationTextFor } from './relation-text.ts';
import { tunnelContainer, tunnelVolumes } from './tunnel-container.ts';

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
    const config = parseConfig(facts);
    return { clients, ...objects(facts, config, clients), blocked: lacking(plane(facts, config)) };
  } catch (error) {
    if (error instanceof Refusal) return { ...nothing, blocked: `configuration is refused: ${error.message}` };
    throw error;
  }
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
