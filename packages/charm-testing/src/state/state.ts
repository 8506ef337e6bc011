/** @module The state of one unit before and after a hook, as plain frozen data. */

import type { Fault, FaultFilter } from '@vpn-k8s/kube-testing';
import type { ConfigValue, GoalState, Json, OpenedPort, SecretSettings } from '../hook-tools/backend.ts';
import type { Container } from './container.ts';
import type { Results, UnitStatus } from './results.ts';

/** A databag. */
export type Databag = Readonly<Record<string, string>>;

/** A relation of this unit. A peer relation has this application as `remoteApp` and its other units as `remoteUnits`. */
export interface Relation {
  readonly endpoint: string;
  /** Number of the relation, unique over all endpoints. */
  readonly id: number;
  readonly remoteApp: string;
  /** The other end's name for the relation. */
  readonly remoteEndpoint: string;
  /** UUID of the model at the other end; this model's when left out. */
  readonly remoteModelUuid?: string;
  readonly localUnitData: Databag;
  readonly localAppData: Databag;
  /** Missing for peers: there the application's databag is `localAppData`. */
  readonly remoteAppData: Databag;
  readonly remoteUnits: Readonly<Record<string, Databag>>;
  /** Units that have departed: not listed, but readable as long as the relation lives. */
  readonly departedUnits: Readonly<Record<string, Databag>>;
}

/** A secret that this unit owns, or may have been granted. */
export interface Secret {
  /** 20 characters. */
  readonly id: string;
  /** `other`: a user's or another application's. */
  readonly owner: 'application' | 'unit' | 'other';
  /** Others' secrets are readable only when granted. */
  readonly granted: boolean;
  /** The owner's label. */
  readonly label: string;
  /** Label by which this unit asks for another's secret. */
  readonly consumerLabel: string;
  readonly description: string;
  readonly rotate: NonNullable<SecretSettings['rotate']>;
  readonly expire: string;
  /** Number and content of the latest revision. */
  readonly revision: number;
  readonly content: Readonly<Record<string, string>>;
  /** The revision that this unit has read and goes on reading. */
  readonly tracked?: { readonly revision: number; readonly content: Readonly<Record<string, string>> };
  readonly grants: readonly { readonly relation: number; readonly unit?: string }[];
}

/** A storage instance; until it is attached `storage-get` refuses it. */
export interface Storage {
  /** `data/0` */
  readonly id: string;
  readonly kind: 'filesystem' | 'block';
  readonly location: string;
  readonly attached: boolean;
}

/** Kubernetes objects that the pod's token can reach; with this in the state an API server is started for the hook. */
export interface KubernetesState {
  readonly objects: readonly KubernetesObject[];
  /** What the API server does wrong in this hook, in order. */
  readonly faults?: readonly { readonly filter: FaultFilter; readonly fault: Fault; readonly times?: number }[];
}

/** Any Kubernetes object. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [field: string]: unknown;
}

/** Everything that one hook of one unit can see, and after the hook everything that it left. */
export interface State {
  /** `qbittorrent/0` */
  readonly unit: string;
  /** The name is the namespace. */
  readonly model: { readonly name: string; readonly uuid: string };
  readonly jujuVersion: string;
  readonly apiAddresses: readonly string[];
  readonly leader: boolean;
  /** Deployed with `--trust`. */
  readonly trusted: boolean;
  /** Values that differ from the defaults of config.yaml. */
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly relations: readonly Relation[];
  readonly secrets: readonly Secret[];
  readonly storages: readonly Storage[];
  readonly openedPorts: readonly OpenedPort[];
  /** What state-set has kept. */
  readonly stored: Readonly<Record<string, string>>;
  readonly unitStatus: UnitStatus;
  readonly appStatus: UnitStatus;
  /** Statuses of this application's other units. */
  readonly otherUnits: Readonly<Record<string, UnitStatus>>;
  readonly workloadVersion: string;
  /** Path of each downloaded resource. */
  readonly resources: Readonly<Record<string, string>>;
  readonly podAddress: string;
  /** ClusterIP of the application's Service. */
  readonly serviceAddress: string;
  /** Made up of unit and relations when left out. */
  readonly goal?: GoalState;
  /** What credential-get prints; refused when left out. */
  readonly credential?: Json;
  readonly containers: readonly Container[];
  /** Files of the pod by absolute path (/proc/net/route, /sys/class/net/...), put under CHARM_TESTING_ROOT. */
  readonly files: Readonly<Record<string, string>>;
  readonly kubernetes?: KubernetesState;
  /** Only in what `run` returns: what the hook did on the way. */
  readonly results?: Results;
}

/** A state of a fresh unit with everything left out filled in. */
export function newState(unit: string, given: Partial<Omit<State, 'unit'>> = {}): State {
  return {
    unit,
    model: { name: 'lab', uuid: '00000000-0000-4000-8000-000000000001' },
    jujuVersion: '4.0.15',
    apiAddresses: ['10.152.183.11:17070'],
    leader: true,
    trusted: true,
    config: {},
    relations: [],
    secrets: [],
    storages: [],
    openedPorts: [],
    stored: {},
    unitStatus: { status: 'waiting', message: 'installing agent' },
    appStatus: { status: 'unknown', message: '' },
    otherUnits: {},
    workloadVersion: '',
    resources: {},
    podAddress: '10.1.0.10',
    serviceAddress: '10.152.183.12',
    containers: [],
    files: {},
    ...given,
  };
}

/** A relation with everything left out filled in; by default one remote unit has joined and nobody has written. */
export function newRelation(
  endpoint: string,
  id: number,
  remoteApp: string,
  given: Partial<Omit<Relation, 'endpoint' | 'id' | 'remoteApp'>> = {},
): Relation {
  const { localUnitData = {}, localAppData = {}, remoteAppData = {}, departedUnits = {} } = given;
  const remoteUnits = given.remoteUnits ?? { [`${remoteApp}/0`]: {} };
  const model = given.remoteModelUuid === undefined ? {} : { remoteModelUuid: given.remoteModelUuid };
  const remoteEndpoint = given.remoteEndpoint ?? endpoint;
  return {
    endpoint,
    id,
    remoteApp,
    remoteEndpoint,
    localUnitData,
    localAppData,
    remoteAppData,
    remoteUnits,
    departedUnits,
    ...model,
  };
}

/** A secret with everything left out filled in. */
export function newSecret(id: string, content: Readonly<Record<string, string>>, given: Partial<Secret> = {}): Secret {
  return {
    id,
    content,
    owner: 'other',
    granted: true,
    label: '',
    consumerLabel: '',
    description: '',
    rotate: 'never',
    expire: '',
    revision: 1,
    grants: [],
    ...given,
  };
}
