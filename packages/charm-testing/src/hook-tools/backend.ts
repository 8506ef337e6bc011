/** @module What stands behind the hook tools: every read and write that a charm can ask Juju for in one hook. */

/**
 * An answer of "no": the tool prints `ERROR <message>` and exits with `code`.
 *
 * Juju uses 1 for a call that was understood and refused, 2 for a call that makes no sense (wrong flag, unknown
 * relation id).
 *
 * @example throw new ToolFailure(1, 'cannot write relation settings')
 */
export class ToolFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'ToolFailure';
    this.code = code;
  }
}

/** Values of charm configuration as Juju holds them; null is an option without default and without value. */
export type ConfigValue = string | number | boolean | null;

/** A relation as the tools name it: `db:3`, endpoint `db`. */
export interface RelationName {
  readonly endpoint: string;
  readonly id: number;
}

/** What the tools of this hook take for granted when an argument is left out. */
export interface ToolDefaults {
  /** This unit, `alpha/0`. */
  readonly unit: string;
  /** Set in relation hooks only. `remoteApplication` may be missing in relation-broken after pod churn. */
  readonly relation?: RelationName & { readonly remoteApplication?: string; readonly remoteUnit?: string };
  /** Set in storage hooks only, `data/0`. */
  readonly storage?: string;
}

/** A workload or application status. Times are not modelled: no tool prints them but goal-state. */
export interface StatusInfo {
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Answer of `status-get --application`. */
export interface ApplicationStatusInfo extends StatusInfo {
  readonly units: Readonly<Record<string, StatusInfo>>;
}

/** One opened port; `endpoint` is '' for all endpoints; icmp has port 0. */
export interface OpenedPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly endpoint: string;
}

/** Answer of network-get; Juju on Kubernetes names the interface by a sentence and knows no MAC address. */
export interface NetworkInfo {
  readonly bindAddresses: readonly {
    readonly macAddress: string;
    readonly interfaceName: string;
    readonly addresses: readonly { readonly hostname: string; readonly value: string; readonly cidr: string }[];
  }[];
  readonly egressSubnets: readonly string[];
  readonly ingressAddresses: readonly string[];
}

/** One line of goal-state; `since` is `2026-11-22 16:45:40Z` (not RFC 3339). */
export interface GoalStatus {
  readonly status: string;
  readonly since: string;
}

/** Answer of goal-state: units of this application; per endpoint the remote applications and their units. */
export interface GoalState {
  readonly units: Readonly<Record<string, GoalStatus>>;
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStatus>>>>;
}

/** Settings of a secret that secret-add and secret-set can give; content values are plain text. */
export interface SecretSettings {
  readonly label?: string;
  readonly description?: string;
  /** RFC 3339 or a duration, as given. */
  readonly expire?: string;
  readonly rotate?: 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';
  readonly content?: Readonly<Record<string, string>>;
}

/** How secret-get is asked: by bare id, by label, or both (then the label is given to the id). */
export interface SecretRequest {
  readonly id?: string;
  readonly label?: string;
  readonly peek: boolean;
  readonly refresh: boolean;
}

/** One owned secret as secret-info-get tells it. Fields that Juju leaves out for a secret of this hook are optional. */
export interface SecretInfo {
  readonly id: string;
  readonly revision: number;
  readonly label: string;
  readonly owner: 'application' | 'unit';
  readonly description?: string;
  readonly rotation?: string;
  readonly expiry?: string;
  readonly rotates?: string;
  readonly access?: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

/** Whom a grant is for: the remote application of a relation, or one unit of it. */
export interface SecretGrant {
  readonly relation: number;
  readonly unit?: string;
}

/** From whom a secret is taken back. */
export interface SecretRevocation {
  readonly relation?: number;
  readonly application?: string;
  readonly unit?: string;
}

/** Answer of storage-get. */
export interface StorageInfo {
  readonly kind: 'filesystem' | 'block';
  readonly location: string;
}

/** JSON that credential-get and action-get print as it is. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Everything that hook tools can ask for in one hook of one unit; methods carry the names of the tools.
 *
 * Plain data in and out, synchronous; a refusal is a thrown `ToolFailure` with Juju's words. Arguments, formats, exit
 * codes of wrong arguments and the defaults of relation and storage hooks are the engine's work (`runHookTool`).
 * Buffering until exit 0, own writes seen by own reads, and the rules of leadership come with `bufferedBackend`.
 */
export interface HookBackend {
  readonly defaults: ToolDefaults;

  /** The living relation with this number, or undefined: then `-r` is answered with `relation not found`. */
  relation(id: number): RelationName | undefined;
  /** Ids of an endpoint's relations, sorted; unknown endpoints have none. */
  relationIds(endpoint: string): readonly number[];
  /** Remote units that this unit has seen join (peers: without itself). */
  relationList(id: number): readonly string[];
  relationListApp(id: number): string;
  /** A databag of a unit or, with `app`, of an application. Refuses strangers: 1, `relation unit not found`. */
  relationGet(id: number, entity: string, app: boolean): Readonly<Record<string, string>>;
  /** Writes to this unit's databag, or its application's; '' deletes a key. Refuses 1, `cannot write relation settings`. */
  relationSet(id: number, settings: Readonly<Record<string, string>>, app: boolean): void;
  /** UUID of the model at the other end. */
  relationModelGet(id: number): string;

  /** All options, null where unset. */
  configGet(): Readonly<Record<string, ConfigValue>>;
  isLeader(): boolean;
  goalState(): GoalState;
  /** The CloudSpec; refuses 1, `cannot access cloud credentials: getting model credentials: permission denied`. */
  credentialGet(): Json;
  networkGet(binding: string, relation: number | undefined): NetworkInfo;
  unitGet(setting: 'private-address' | 'public-address'): string;

  statusGet(): StatusInfo;
  statusGetApplication(): ApplicationStatusInfo;
  /** At once, not undone by a failing hook. */
  statusSet(status: string, message: string): void;
  statusSetApplication(status: string, message: string): void;
  applicationVersionSet(version: string): void;
  /** TRACE, DEBUG, INFO, WARNING or ERROR. */
  jujuLog(level: string, message: string): void;
  jujuReboot(now: boolean): void;

  stateGet(): Readonly<Record<string, string>>;
  stateSet(pairs: Readonly<Record<string, string>>): void;
  stateDelete(key: string): void;

  openedPorts(): readonly OpenedPort[];
  openPort(port: OpenedPort): void;
  closePort(port: OpenedPort): void;

  /** The bare id of the new secret. */
  secretAdd(owner: 'application' | 'unit', settings: SecretSettings): string;
  secretSet(id: string, settings: SecretSettings & { readonly owner?: 'application' | 'unit' }): void;
  secretGet(request: SecretRequest): Readonly<Record<string, string>>;
  secretInfoGet(request: { readonly id?: string; readonly label?: string }): SecretInfo;
  /** Bare ids of owned secrets, sorted. */
  secretIds(): readonly string[];
  secretGrant(id: string, grant: SecretGrant): void;
  secretRevoke(id: string, revocation: SecretRevocation): void;
  secretRemove(id: string, revision: number | undefined): void;
  /** UUID of this model: secret-add prints `secret://<uuid>/<id>`. */
  modelUuid(): string;

  storageList(): readonly string[];
  storageGet(id: string): StorageInfo;
  /** Passes in the hook and fails the flush on Kubernetes. */
  storageAdd(name: string, count: number): void;
  /** Path of the downloaded file. */
  resourceGet(name: string): string;

  /** Parameters of the running action, defaults filled in; undefined outside of actions. */
  actionParameters(): { readonly [key: string]: Json } | undefined;
  /** One result; `key` may be dotted and makes nested maps. Kept even when the action fails. */
  actionSet(key: string, value: string): void;
  actionLog(message: string): void;
  actionFail(message: string): void;
}
