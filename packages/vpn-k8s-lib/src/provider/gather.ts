/** @module Reads of a gateway: its clients, this pod's network, then the cluster. */
import { existsSync, readFileSync } from 'node:fs';
import type { CharmPorts } from '@vpn-k8s/charm';
import { isLeader, relationGet, relationIds, relationListApp } from '@vpn-k8s/juju';
import type { Ip } from '@vpn-k8s/net';
import { agentFiles } from '../agent-files.ts';
import { type ClusterFacts, readCluster, readResolvers } from '../cluster.ts';
import { type Found, foundText, resolversOf } from '../discovery.ts';
import { gatewayConfigMap, gatewayPolicy } from '../names.ts';
import { CONFIG_KEY } from '../relation/write.ts';
import type { ProviderOptions, TunnelView } from './options.ts';

/** One relation as Juju shows it. */
export interface Related {
  readonly id: string;
  readonly app: string;
  /** What the client has written, hostile until parsed. */
  readonly text: string | undefined;
  /** What this application has written to it; read by the leader only. */
  readonly ownText: string | undefined;
}

/** What the gateway's agent says of itself in the alias of vxlan0: `<hash> <word>`. */
export interface Overlay {
  /** Of the configuration that is in force. */
  readonly hash: string | undefined;
  /** `up` when the agent's own question through the tunnel was answered; else what is missing. */
  readonly word: string | undefined;
}

/** All that a run of a gateway knows. */
export interface Facts extends ClusterFacts {
  readonly app: string;
  readonly namespace: string;
  readonly leader: boolean;
  readonly related: readonly Related[];
  readonly overlay: Overlay;
  /** MTU of eth0 and of the tunnel in bytes, where there are such interfaces. */
  readonly uplinkMtu: number | undefined;
  readonly tunnelMtu: number | undefined;
  readonly resolvers: Found<Ip>;
  readonly apiAddresses: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: ProviderOptions;
  readonly scripts: Readonly<Record<string, string>>;
  readonly view: TunnelView;
}

/** Reads everything: six requests to the API server at most in a hook with nothing to do. */
export async function gather(ports: CharmPorts, options: ProviderOptions, view: TunnelView): Promise<Facts> {
  const { application: app, model, unit, apiAddresses } = ports.context;
  const names = { app, namespace: model.name, unit, policy: gatewayPolicy(app), configMap: gatewayConfigMap(app) };
  const leader = isLeader();
  const related = relations(ports, options.relation, leader);
  const cluster = await readCluster(ports, names);
  const mtu = (device: string) => number(text(`${ports.root}/sys/class/net/${device}/mtu`));
  return {
    ...cluster,
    app,
    namespace: model.name,
    leader,
    related,
    overlay: readOverlay(text(`${ports.root}/sys/class/net/vxlan0/ifalias`)),
    uplinkMtu: mtu('eth0'),
    tunnelMtu: mtu(options.tunnel),
    resolvers: await resolvers(ports, options, cluster),
    apiAddresses,
    env: process.env,
    options,
    scripts: agentFiles('gateway', options.agentDir),
    view,
  };
}

/** Why the Services first: the VPN program rewrites the resolv.conf of its whole pod. */
async function resolvers(ports: CharmPorts, options: ProviderOptions, cluster: ClusterFacts): Promise<Found<Ip>> {
  if (options.clusterDnsIp) return { values: [], how: 'configuration' };
  const found = cluster.problem ? undefined : await readResolvers(ports);
  const own = { values: resolversOf(text(`${ports.root}/etc/resolv.conf`) ?? ''), how: '/etc/resolv.conf' };
  const taken = found && found.values.length > 0 ? found : own;
  ports.log.debug(foundText('cluster DNS', taken));
  return taken;
}

/** The relations, without the one that ends in this hook. */
function relations(ports: CharmPorts, endpoint: string, leader: boolean): Related[] {
  const { relation: about, hook, application } = ports.context;
  const ended = hook === `${endpoint}-relation-broken` ? about?.id : undefined;
  const ids = relationIds(endpoint).filter((id) => id !== ended);
  return ids.map((id) => {
    const app = (about?.id === id && about.remoteApp) || relationListApp(id);
    const own = leader ? relationGet(id, application, { app: true }) : {};
    return { id, app, text: relationGet(id, app, { app: true })[CONFIG_KEY], ownText: own[CONFIG_KEY] };
  });
}

function readOverlay(alias = ''): Overlay {
  const [, hash, word] = /^([0-9a-f]{8}) ([a-z-]{1,20})$/.exec(alias.trim()) ?? [];
  return { hash, word };
}

function text(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function number(value: string | undefined): number | undefined {
  const parsed = Number(value ?? Number.NaN);
  return Number.isInteger(parsed) ? parsed : undefined;
}
