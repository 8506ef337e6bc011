/** @module The controller's model as data: applications, units, relations, secrets, and what each unit's agent has already seen. */

import type { ConfigValue, Json, OpenedPort } from '@vpn-k8s/charm-testing';
import type { Charm } from '../charm/archive.ts';
import type { HookInfo } from '../uniter/hook.ts';

/** Whether something is to stay, is being torn down, or is gone. */
export type Life = 'alive' | 'dying' | 'dead';

/** A status with the moment it was set, in ms since the epoch. */
export interface StatusEntry {
  status: string;
  message: string;
  data: Record<string, unknown>;
  since: number;
}

/** A databag: strings only. */
export type Databag = Record<string, string>;

/** One application; `settings` holds only what the operator set. */
export interface Application {
  name: string;
  uuid: string;
  charm: Charm;
  /** Raised by refresh and attach-resource: the pods are replaced. */
  charmModified: number;
  life: Life;
  trust: boolean;
  settings: Record<string, ConfigValue>;
  /** Set by `status-set --application`; otherwise worked out of the units. */
  status: StatusEntry | undefined;
  workloadVersion: string;
  clusterIp: string;
  resources: Record<string, string>;
  leader: string | undefined;
  /** Units the operator wants; pods with a higher ordinal do not come back. */
  scale: number;
  /** Six hex digits in names of volume claims. */
  uniqueId: string;
  storage: Record<string, { size: string; count: number }>;
}

/** One storage instance, `data/0`, attached to a unit at `location`. */
export interface Storage {
  id: string;
  name: string;
  location: string;
  state: 'pending' | 'attached' | 'detaching' | 'detached';
}

/** A failed hook waits for its next try. */
export interface FailedHook {
  hook: HookInfo;
  tries: number;
  retryAt: number;
}

/** What one unit's agent has seen of one relation; survives the pod, as Juju keeps it on the controller. */
export interface RelationView {
  created: boolean;
  /** Remote units after their joined hook began, with the databag version last told. */
  members: Map<string, string>;
  /** Applications with the databag version last told. */
  applications: Map<string, string>;
  /** After joined comes changed of the same unit, before anything else. */
  changedPending: string | undefined;
  /** Forgotten when the pod is replaced: relation-broken has no remote application then. */
  remoteKnown: boolean;
  broken: boolean;
  /** Databags of joined units as read: kept over hooks until a hook tells of a change, forgotten with the pod. */
  read: Map<string, Readonly<Databag>>;
}

/** What one unit's agent has done and has still to do. */
export interface Uniter {
  installed: boolean;
  started: boolean;
  /** The pod's SIGTERM was seen and `stop` has to run, or has run: nothing else runs in this pod. */
  shutdown: 'no' | 'asked' | 'done';
  /** A new pod of an installed unit: upgrade-charm comes first. */
  upgradeDue: boolean;
  /** Hash notices of configuration and trust not yet answered by a config-changed. */
  configNotices: number;
  queued: HookInfo | undefined;
  failed: FailedHook | undefined;
  leaderSeen: boolean;
  relations: Map<number, RelationView>;
  workload: HookInfo[];
  secrets: HookInfo[];
  updateStatusDue: boolean;
  removed: boolean;
}

/** One unit. */
export interface Unit {
  name: string;
  application: string;
  number: number;
  life: Life;
  agent: StatusEntry;
  status: StatusEntry;
  address: string;
  podUid: string;
  /** The agent's process in that pod: another one means that the charm container was started again. */
  agentProcess: string;
  /** The agent is not there (the pod is being replaced): other units see status unknown. */
  lost: boolean;
  state: Record<string, string>;
  ports: OpenedPort[];
  storage: Storage[];
  actions: Action[];
  uniter: Uniter;
}

/** One end of a relation; a peer relation has one only. */
export interface RelationEnd {
  application: string;
  endpoint: string;
  role: 'provider' | 'requirer' | 'peer';
}

/** One relation; bags of departed units stay readable until it is gone. */
export interface Relation {
  id: number;
  ends: RelationEnd[];
  life: Life;
  since: number;
  inScope: Set<string>;
  unitBags: Map<string, Databag>;
  applicationBags: Map<string, Databag>;
}

/** Who reads a secret, and which revision; `notified` is the highest revision of which a secret-changed was queued. */
export interface SecretConsumer {
  label: string;
  tracked: number;
  notified: number;
}

/** One secret; owner `model` is a user secret. */
export interface Secret {
  id: string;
  owner: { kind: 'application' | 'unit' | 'model'; name: string };
  label: string;
  description: string;
  rotate: string;
  expire: string | undefined;
  revisions: Map<number, Record<string, string>>;
  latest: number;
  grants: { relation: number | undefined; target: string; role: 'view' }[];
  consumers: Map<string, SecretConsumer>;
  /** Revisions of which the owner was told that nobody reads them. */
  obsoleteTold: Set<number>;
}

/** One run of an action. */
export interface Action {
  id: number;
  name: string;
  unit: string;
  params: Record<string, Json>;
  state: 'pending' | 'running' | 'completed' | 'failed';
  message: string;
  results: Record<string, Json>;
  log: { at: number; message: string }[];
}

/** The whole model. */
export interface Model {
  name: string;
  uuid: string;
  version: string;
  applications: Map<string, Application>;
  units: Map<string, Unit>;
  relations: Map<number, Relation>;
  secrets: Map<string, Secret>;
  actions: Action[];
  next: { relation: number; storage: number; action: number; secret: number };
  /** Ms since the epoch; the replay gives recorded times. */
  now: () => number;
  /** Told after every change that may make a hook due. */
  changed: () => void;
}

/** An empty model. */
export function newModel(name: string, uuid: string, now: () => number = Date.now): Model {
  const empty = { applications: new Map(), units: new Map(), relations: new Map(), secrets: new Map(), actions: [] };
  return {
    name,
    uuid,
    version: '4.0.15',
    ...empty,
    next: { relation: 0, storage: 0, action: 0, secret: 1 },
    now,
    changed: () => {},
  };
}

/** The application of this name; throws `application "x" not found`. */
export function applicationOf(model: Model, name: string): Application {
  const found = model.applications.get(name);
  if (!found) throw new Error(`application "${name}" not found`);
  return found;
}

/** The unit of this name; throws `unit "x/0" not found`. */
export function unitOf(model: Model, name: string): Unit {
  const found = model.units.get(name);
  if (!found) throw new Error(`unit "${name}" not found`);
  return found;
}

/** Units of an application by number. */
export function unitsOf(model: Model, application: string): Unit[] {
  return [...model.units.values()].filter((u) => u.application === application).sort((a, b) => a.number - b.number);
}

/** The application part of a unit's name. */
export function applicationPart(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}
