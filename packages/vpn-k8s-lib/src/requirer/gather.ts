/** @module Reads of a client: Juju's relation, this pod's network, then the cluster. */
import { existsSync, readFileSync } from 'node:fs';
import type { CharmPorts } from '@vpn-k8s/charm';
import { goalState, isLeader, relationGet, relationIds, relationListApp } from '@vpn-k8s/juju';
import type { Ip } from '@vpn-k8s/net';
import { agentFiles } from '../agent-files.ts';
import { type ClusterFacts, readCluster, readResolvers } from '../cluster.ts';
import { type Found, foundText, resolversOf } from '../discovery.ts';
import { CLIENT, clientConfigMap, killSwitch } from '../names.ts';
import { hasOurs } from '../patch/template.ts';
import { look, type Proof, prove } from '../proof.ts';
import { CONFIG_KEY } from '../relation/write.ts';
import type { RequirerOptions } from './options.ts';

/** The relation as Juju shows it. */
export interface Related {
  readonly id: string;
  /** The gateway's application, as Juju names it. */
  readonly app: string;
  /** What the gateway has written, hostile until parsed. */
  readonly text: string | undefined;
  /** What this application has written; read by the leader only. */
  readonly ownText: string | undefined;
}

/** What is known without asking the cluster. */
export interface Here {
  readonly app: string;
  readonly namespace: string;
  readonly unit: string;
  readonly leader: boolean;
  readonly related: Related | undefined;
  readonly proof: Proof;
  /** Uid of this process; undefined where only one user exists (an unprivileged user namespace) and nothing can be said. */
  readonly charmUid: number | undefined;
  readonly apiAddresses: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** All that a run of a client knows. */
export interface Facts extends Here, ClusterFacts {
  readonly options: RequirerOptions;
  readonly scripts: Readonly<Record<string, string>>;
  /** The pod's resolvers, or those of the cluster's Services when the pod has none. */
  readonly resolvers: Found<Ip>;
  /** This unit is being removed: its application's objects are nobody's to change. */
  readonly dying: boolean;
}

/** Reads Juju and this pod; no request leaves the pod, so that an unlocked workload can be stopped before anything else. */
export function gatherHere(ports: CharmPorts, options: RequirerOptions): Here {
  const { application: app, model, unit, apiAddresses } = ports.context;
  const leader = isLeader();
  return {
    app,
    namespace: model.name,
    unit,
    leader,
    related: relation(ports, options.relation, leader),
    proof: prove(look(ports.root)),
    charmUid: uidOfCharm(ports.root),
    apiAddresses,
    env: process.env,
  };
}

/** What is being read of the cluster, for the first `gather` with these ports. */
const ahead = new WeakMap<CharmPorts, Promise<ClusterFacts>>();

/** Starts to read the cluster and does not wait: while hook tools run, the connection is made. */
export function gatherAhead(ports: CharmPorts): void {
  ahead.set(ports, readClient(ports));
}

/** Reads the cluster: at most six requests while nothing is to be found out for the first time. */
export async function gather(ports: CharmPorts, options: RequirerOptions, here: Here): Promise<Facts> {
  const reading = ahead.get(ports) ?? readClient(ports);
  ahead.delete(ports);
  const cluster = await reading;
  const own = { values: resolversOf(text(`${ports.root}/etc/resolv.conf`) ?? ''), how: '/etc/resolv.conf' };
  const resolvers = own.values.length > 0 || cluster.problem ? own : await readResolvers(ports);
  ports.log.debug(foundText('cluster DNS', resolvers));
  const scripts = agentFiles('client', options.config?.agentDir);
  return { ...here, ...cluster, options, scripts, resolvers, dying: isDying(here, cluster) };
}

function readClient(ports: CharmPorts): Promise<ClusterFacts> {
  const { application: app, model, unit } = ports.context;
  return readCluster(ports, {
    app,
    namespace: model.name,
    unit,
    policy: killSwitch(app),
    configMap: clientConfigMap(app),
  });
}

/** The relation, unless this is the hook in which it ends. */
function relation(ports: CharmPorts, endpoint: string, leader: boolean): Related | undefined {
  const { relation: about, hook, application } = ports.context;
  const ended = hook === `${endpoint}-relation-broken` ? about?.id : undefined;
  const [id] = relationIds(endpoint).filter((each) => each !== ended);
  if (id === undefined) return undefined;
  const app = (about?.id === id && about.remoteApp) || relationListApp(id);
  const bag = relationGet(id, app, { app: true });
  const own = leader ? relationGet(id, application, { app: true }) : {};
  return { id, app, text: bag[CONFIG_KEY], ownText: own[CONFIG_KEY] };
}

/**
 * Why asked only then: a unit that is scaled away sees its relation end, though the application keeps it; and an application that is
 * removed takes its objects with it, so replacing its pods once more would only delay that.
 */
function isDying(here: Here, { live }: ClusterFacts): boolean {
  const about = !here.related && here.leader && hasOurs(live.statefulSet?.spec?.template.spec, CLIENT);
  return about ? goalState().units[here.unit]?.status === 'dying' : false;
}

/** The uid of this process, when the user namespace knows uid 170 at all. */
function uidOfCharm(root: string): number | undefined {
  const map = text('/proc/self/uid_map') ?? '';
  const knows170 = map.split('\n').some((line) => {
    const [first = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return first <= 170 && 170 < first + count;
  });
  return knows170 && root === '' ? process.getuid?.() : undefined;
}

function text(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
