/** @module What Juju reads from a charm's metadata.yaml, with Juju's refusals. */

/** One relation endpoint of a charm. */
export interface Endpoint {
  readonly name: string;
  readonly role: 'provider' | 'requirer' | 'peer';
  readonly interface: string;
  readonly optional: boolean;
  readonly limit?: number;
}

/** A workload container: its image resource, mounts of storage, and the user Juju sets on it. */
export interface ContainerSpec {
  readonly name: string;
  readonly resource?: string;
  readonly mounts: readonly { readonly storage: string; readonly location: string }[];
  readonly uid?: number;
  readonly gid?: number;
}

/** A storage of the charm; `minimumSize` as written (`1M`). */
export interface StorageSpec {
  readonly name: string;
  readonly type: 'filesystem' | 'block';
  readonly location?: string;
  readonly minimumSize?: string;
  readonly minimumCount: number;
}

/** metadata.yaml as Juju keeps it; unknown keys are left out. */
export interface CharmMetadata {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly charmUser?: 'root' | 'sudoer' | 'non-root';
  readonly endpoints: readonly Endpoint[];
  readonly extraBindings: readonly string[];
  readonly containers: readonly ContainerSpec[];
  readonly resources: Readonly<Record<string, { readonly type: 'oci-image' | 'file'; readonly filename?: string }>>;
  readonly storage: readonly StorageSpec[];
}

/** A parsed YAML mapping of unknown content. */
export type Mapping = Readonly<Record<string, unknown>>;

const ROLES = [
  ['provides', 'provider'],
  ['requires', 'requirer'],
  ['peers', 'peer'],
] as const;

/**
 * Reads metadata.yaml.
 *
 * Throws Juju's sentences for what Juju refuses (core of `juju deploy`: name, summary and description are required,
 * `min-juju-version` is illegal, a container's resource must be an oci-image). Source: domain/deployment/charm/meta.go of Juju 4.0.
 */
export function parseMetadata(yaml: Mapping): CharmMetadata {
  for (const key of ['name', 'summary', 'description']) {
    if (typeof yaml[key] !== 'string') throw new Error(`metadata: ${key}: expected string, got ${shown(yaml[key])}`);
  }
  if ('min-juju-version' in yaml)
    throw new Error('min-juju-version cannot be specified for format v2 charm, use assumes');
  const meta: CharmMetadata = {
    name: String(yaml.name),
    summary: String(yaml.summary),
    description: String(yaml.description),
    ...charmUser(yaml['charm-user']),
    endpoints: ROLES.flatMap(([key, role]) =>
      entries(yaml[key], key).map(([name, spec]) => endpoint(name, role, spec)),
    ),
    extraBindings: entries(yaml['extra-bindings'], 'extra-bindings').map(([name]) => name),
    containers: entries(yaml.containers, 'containers')
      .map(([name, spec]) => container(name, spec))
      .sort(byName),
    resources: Object.fromEntries(
      entries(yaml.resources, 'resources').map(([name, spec]) => [name, resource(name, spec)]),
    ),
    storage: entries(yaml.storage, 'storage').map(([name, spec]) => storage(name, spec)),
  };
  checkContainers(meta);
  return meta;
}

function checkContainers(meta: CharmMetadata): void {
  for (const { name, resource, mounts } of meta.containers) {
    if (resource !== undefined && meta.resources[resource]?.type !== 'oci-image') {
      throw new Error(
        `parsing containers: container "${name}": referenced resource "${resource}" ${meta.resources[resource] ? 'is not a oci-image' : 'not found'}`,
      );
    }
    for (const mount of mounts) {
      if (!meta.storage.some((s) => s.name === mount.storage))
        throw new Error(`parsing containers: container "${name}": storage "${mount.storage}" not valid`);
    }
  }
  const names = meta.endpoints.map((e) => e.name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice) throw new Error(`charm "${meta.name}" using a duplicated relation name: "${twice}"`);
}

function endpoint(name: string, role: Endpoint['role'], spec: unknown): Endpoint {
  const map = typeof spec === 'string' ? { interface: spec } : mapping(spec, name);
  if (typeof map.interface !== 'string')
    throw new Error(`metadata: ${name}.interface: expected string, got ${shown(map.interface)}`);
  const limit = typeof map.limit === 'number' ? { limit: map.limit } : {};
  return { name, role, interface: map.interface, optional: map.optional === true, ...limit };
}

function container(name: string, spec: unknown): ContainerSpec {
  const map = mapping(spec, name);
  const user = Object.fromEntries(
    ['uid', 'gid'].filter((k) => typeof map[k] === 'number').map((k) => [k, userId(name, k, map[k] as number)]),
  );
  const mounts = Array.isArray(map.mounts) ? map.mounts.map((m) => mapping(m, `${name}.mounts`)) : [];
  return {
    name,
    ...(typeof map.resource === 'string' ? { resource: map.resource } : {}),
    mounts: mounts.map((m) => ({ storage: String(m.storage), location: String(m.location) })),
    ...user,
  };
}

function userId(container: string, key: string, id: number): number {
  if (id >= 1000 && id < 10_000)
    throw new Error(
      `parsing containers: container "${container}" has invalid ${key} ${id}: ${key} cannot be in reserved range 1000-9999`,
    );
  return id;
}

function storage(name: string, spec: unknown): StorageSpec {
  const map = mapping(spec, name);
  if (map.type !== 'filesystem' && map.type !== 'block')
    throw new Error(`metadata: storage.${name}.type: unexpected value ${shown(map.type)}`);
  const range = mapping(map.multiple ?? {}, name).range;
  return {
    name,
    type: map.type,
    ...(typeof map.location === 'string' ? { location: map.location } : {}),
    ...(map['minimum-size'] === undefined ? {} : { minimumSize: String(map['minimum-size']) }),
    minimumCount: range === undefined ? 1 : Number.parseInt(String(range), 10),
  };
}

function resource(name: string, spec: unknown) {
  const map = mapping(spec, name);
  if (map.type !== 'oci-image' && map.type !== 'file')
    throw new Error(`metadata: resources.${name}.type: unexpected value ${shown(map.type)}`);
  const type: 'oci-image' | 'file' = map.type;
  return { type, ...(typeof map.filename === 'string' ? { filename: map.filename } : {}) };
}

function charmUser(user: unknown): Pick<CharmMetadata, 'charmUser'> {
  if (user === undefined) return {};
  if (user === 'root' || user === 'sudoer' || user === 'non-root') return { charmUser: user };
  throw new Error(`parsing charm-user: invalid charm-user ${shown(user)} expected one of root, sudoer or non-root`);
}

/** A YAML value that must be a mapping; throws naming `where`. */
export function mapping(value: unknown, where: string): Mapping {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Error(`metadata: ${where}: expected map, got ${shown(value)}`);
  return value as Mapping;
}

/** Key and value pairs of a YAML mapping that may be missing. */
export function entries(value: unknown, where: string): [string, unknown][] {
  return Object.entries(mapping(value, where));
}

/** A value of somebody else's file, cut short for a message. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
