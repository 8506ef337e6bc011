/** @module The environment of a hook, read once into a frozen HookContext. */

/** The relation that a relation hook is about. */
export interface HookRelation {
  readonly endpoint: string;
  /** `db:7` */
  readonly id: string;
  /** Missing in relation-broken after pod churn: ask `relationListApp`. */
  readonly remoteApp?: string;
  /** Missing in created, broken and changes of application data. */
  readonly remoteUnit?: string;
  /** In departed hooks: who leaves, maybe this unit. */
  readonly departingUnit?: string;
}

/** The container that a workload hook is about, with the Pebble check or notice that fired. */
export interface HookWorkload {
  readonly name: string;
  readonly check?: string;
  readonly notice?: { readonly id: string; readonly type: string; readonly key: string };
}

/** What Juju tells a hook about itself. All of it is information: the path of the charm is the same for every hook. */
export interface HookContext {
  /** `qbittorrent/0` */
  readonly unit: string;
  readonly application: string;
  /** On Kubernetes the model's name is the namespace. */
  readonly model: { readonly name: string; readonly uuid: string };
  /** `config-changed`; '' in actions. */
  readonly hook: string;
  /** `hooks/config-changed` or `actions/verify`. */
  readonly dispatchPath: string;
  readonly charmDir: string;
  /** Controllers, `10.152.183.11:17070`. */
  readonly apiAddresses: readonly string[];
  /** Juju's version. */
  readonly version: string;
  readonly relation?: HookRelation;
  /** `id` is a small number in 4.0. */
  readonly action?: { readonly name: string; readonly id: string };
  readonly workload?: HookWorkload;
  /** `id` is bare, whichever way Juju wrote it. */
  readonly secret?: { readonly id: string; readonly label?: string; readonly revision?: number };
  readonly storage?: { readonly id: string; readonly location: string; readonly kind: string };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads Juju's variables (empty counts as missing).
 *
 * @throws Error naming the variable when the process was not started by Juju.
 * @see juju `internal/worker/uniter/runner/context/context.go`, HookVars
 */
export function readContext(env: Environment): HookContext {
  const unit = required(env, 'JUJU_UNIT_NAME');
  const context: HookContext = {
    unit,
    application: unit.replace(/\/\d+$/, ''),
    model: { name: required(env, 'JUJU_MODEL_NAME'), uuid: required(env, 'JUJU_MODEL_UUID') },
    hook: env.JUJU_HOOK_NAME ?? '',
    dispatchPath: required(env, 'JUJU_DISPATCH_PATH'),
    charmDir: required(env, 'JUJU_CHARM_DIR'),
    apiAddresses: (env.JUJU_API_ADDRESSES ?? '').split(/\s+/).filter(Boolean),
    version: env.JUJU_VERSION ?? '',
    ...found('relation', relation(env)),
    ...found('action', action(env)),
    ...found('workload', workload(env)),
    ...found('secret', secret(env)),
    ...found('storage', storage(env)),
  };
  return freeze(context);
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`${name} is not set: this program is run by Juju, as dispatch of a charm`);
}

function relation(env: Environment): HookRelation | undefined {
  if (!env.JUJU_RELATION || !env.JUJU_RELATION_ID) return undefined;
  return {
    endpoint: env.JUJU_RELATION,
    id: env.JUJU_RELATION_ID,
    ...found('remoteApp', env.JUJU_REMOTE_APP),
    ...found('remoteUnit', env.JUJU_REMOTE_UNIT),
    ...found('departingUnit', env.JUJU_DEPARTING_UNIT),
  };
}

function action(env: Environment): HookContext['action'] {
  if (!env.JUJU_ACTION_NAME) return undefined;
  return { name: env.JUJU_ACTION_NAME, id: env.JUJU_ACTION_UUID ?? '' };
}

function workload(env: Environment): HookWorkload | undefined {
  if (!env.JUJU_WORKLOAD_NAME) return undefined;
  const id = env.JUJU_NOTICE_ID;
  const notice = id ? { id, type: env.JUJU_NOTICE_TYPE ?? '', key: env.JUJU_NOTICE_KEY ?? '' } : undefined;
  return {
    name: env.JUJU_WORKLOAD_NAME,
    ...found('check', env.JUJU_PEBBLE_CHECK_NAME),
    ...found('notice', notice),
  };
}

function secret(env: Environment): HookContext['secret'] {
  if (!env.JUJU_SECRET_ID) return undefined;
  const revision = env.JUJU_SECRET_REVISION;
  return {
    id: env.JUJU_SECRET_ID.replace(/^.*[/:]/, ''),
    ...found('label', env.JUJU_SECRET_LABEL),
    ...found('revision', revision ? Number(revision) : undefined),
  };
}

function storage(env: Environment): HookContext['storage'] {
  const id = env.JUJU_STORAGE_ID;
  if (!id) return undefined;
  return { id, location: env.JUJU_STORAGE_LOCATION ?? '', kind: env.JUJU_STORAGE_KIND ?? '' };
}

/** A field only when there is something to say: `{...found('a', undefined)}` adds nothing. */
function found<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [key in K]: V });
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (inner !== null && typeof inner === 'object') freeze(inner);
  return Object.freeze(value);
}
