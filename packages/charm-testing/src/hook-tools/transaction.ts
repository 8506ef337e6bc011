/** @module One hook as a transaction: writes are held back until exit 0, reads in between see them. */

import {
  type HookBackend,
  type OpenedPort,
  type SecretGrant,
  type SecretInfo,
  type SecretRequest,
  type SecretRevocation,
  type SecretSettings,
  ToolFailure,
} from './backend.ts';

type Buffered =
  | 'relationSet'
  | 'stateSet'
  | 'stateDelete'
  | 'openPort'
  | 'closePort'
  | 'secretAdd'
  | 'secretSet'
  | 'secretGrant'
  | 'secretRevoke'
  | 'secretRemove'
  | 'storageAdd';

/** What is true outside of the hook: committed data, and effects that do not wait (status, version, log, results). */
export type HookWorld = Omit<HookBackend, Buffered>;

/** One change of secrets, in the order made. */
export type SecretWrite =
  | {
      readonly kind: 'add';
      readonly id: string;
      readonly owner: 'application' | 'unit';
      readonly settings: SecretSettings;
    }
  | { readonly kind: 'set'; readonly id: string; readonly settings: SecretSettings }
  | { readonly kind: 'grant'; readonly id: string; readonly grant: SecretGrant }
  | { readonly kind: 'revoke'; readonly id: string; readonly revocation: SecretRevocation }
  | { readonly kind: 'remove'; readonly id: string; readonly revision: number | undefined };

/** Everything that a hook wants changed when it exits 0. */
export interface HookWrites {
  /** Databags of this unit (`app` false) and its application; '' deletes a key. */
  readonly relationData: readonly {
    readonly relation: number;
    readonly app: boolean;
    readonly settings: Readonly<Record<string, string>>;
  }[];
  /** The whole state after the hook; undefined when it was not touched. */
  readonly state: Readonly<Record<string, string>> | undefined;
  /** All opened ports after the hook; undefined when they were not touched. */
  readonly openedPorts: readonly OpenedPort[] | undefined;
  readonly secrets: readonly SecretWrite[];
  readonly storageAdded: readonly { readonly name: string; readonly count: number }[];
}

/** Sizes in bytes that Juju takes for one entry of state-set. */
const longestKey = 256;
const longestValue = 65536;

/**
 * A backend for one hook of one unit over the world outside.
 *
 * @param newId makes ids of secrets, 20 characters of 0-9 a-v
 * @see juju `internal/worker/uniter/runner/context/context.go`, doFlush
 */
export function bufferedBackend(
  world: HookWorld,
  newId: () => string,
): { readonly backend: HookBackend; readonly writes: () => HookWrites } {
  const bags = new Map<string, { relation: number; app: boolean; settings: Record<string, string> }>();
  const secrets = pendingSecrets(world, newId);
  const storageAdded: { name: string; count: number }[] = [];
  let state: Record<string, string> | undefined;
  let ports: OpenedPort[] | undefined;
  const application = world.defaults.unit.replace(/\/\d+$/, '');

  const backend: HookBackend = {
    ...world,
    ...secrets.backend,
    relationGet: (id, entity, app) => {
      const own = app ? entity === application && world.isLeader() : entity === world.defaults.unit;
      const written = own ? bags.get(`${id} ${app}`)?.settings : undefined;
      return merged(world.relationGet(id, entity, app), written ?? {});
    },
    relationSet: (relation, settings, app) => {
      if (app && !world.isLeader()) throw new ToolFailure(1, 'cannot write relation settings');
      const key = `${relation} ${app}`;
      bags.set(key, { relation, app, settings: { ...bags.get(key)?.settings, ...settings } });
    },
    stateGet: () => state ?? world.stateGet(),
    stateSet: (pairs) => {
      for (const [key, value] of Object.entries(pairs)) checkSize(key, value);
      state = { ...(state ?? world.stateGet()), ...pairs };
    },
    stateDelete: (key) => {
      const { [key]: _, ...rest } = state ?? world.stateGet();
      state = rest;
    },
    openedPorts: () => ports ?? world.openedPorts(),
    openPort: (port) => {
      ports = [...without(ports ?? world.openedPorts(), port), port];
    },
    closePort: (port) => {
      ports = without(ports ?? world.openedPorts(), port);
    },
    storageAdd: (name, count) => void storageAdded.push({ name, count }),
  };
  return {
    backend,
    writes: () => ({
      relationData: [...bags.values()],
      state,
      openedPorts: ports,
      secrets: secrets.writes,
      storageAdded,
    }),
  };
}

/** A databag after writes: '' deletes. */
export function merged(
  bag: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...bag, ...settings }).filter(([, value]) => value !== ''));
}

function checkSize(key: string, value: string): void {
  const refuse = (what: string, most: number) => {
    throw new ToolFailure(1, `max allowed ${what} length (${most}) exceeded quota limit exceeded`);
  };
  if (Buffer.byteLength(key) > longestKey) refuse('key', longestKey);
  if (Buffer.byteLength(value) > longestValue) refuse('value', longestValue);
}

function without(ports: readonly OpenedPort[], port: OpenedPort): OpenedPort[] {
  return ports.filter(
    (one) =>
      one.port !== port.port ||
      one.protocol !== port.protocol ||
      (port.endpoint !== '' && one.endpoint !== port.endpoint),
  );
}

type SecretPart = Pick<
  HookBackend,
  | 'secretAdd'
  | 'secretSet'
  | 'secretGet'
  | 'secretInfoGet'
  | 'secretIds'
  | 'secretGrant'
  | 'secretRevoke'
  | 'secretRemove'
>;

function pendingSecrets(world: HookWorld, newId: () => string): { backend: SecretPart; writes: SecretWrite[] } {
  const writes: SecretWrite[] = [];
  const added = (id: string | undefined, label?: string) =>
    writes.find((write) => write.kind === 'add' && (write.id === id || (label && write.settings.label === label)));
  const mayWrite = (owner: string) => {
    if (owner === 'application' && !world.isLeader()) throw new ToolFailure(1, 'this unit is not the leader');
  };
  const mayChange = (id: string) => {
    const write = added(id);
    mayWrite(write?.kind === 'add' ? write.owner : world.secretInfoGet({ id }).owner);
  };
  const change = (id: string, write: SecretWrite) => {
    mayChange(id);
    writes.push(write);
  };
  const backend: SecretPart = {
    secretAdd: (owner, settings) => {
      mayWrite(owner);
      const id = newId();
      writes.push({ kind: 'add', id, owner, settings });
      return id;
    },
    secretSet: (id, settings) => change(id, { kind: 'set', id, settings }),
    secretGrant: (id, grant) => change(id, { kind: 'grant', id, grant }),
    secretRevoke: (id, revocation) => change(id, { kind: 'revoke', id, revocation }),
    secretRemove: (id, revision) => change(id, { kind: 'remove', id, revision }),
    secretGet: (request) => {
      const write = added(request.id, request.label);
      const id = write?.id ?? request.id ?? ownId(world, request);
      const latest = write !== undefined || request.peek || request.refresh;
      return (latest ? pendingContent(writes, id) : undefined) ?? world.secretGet(request);
    },
    secretInfoGet: (request) => {
      const write = added(request.id, request.label);
      return write?.kind === 'add' ? newInfo(write.id, write.owner, write.settings) : world.secretInfoGet(request);
    },
    secretIds: () => world.secretIds(),
  };
  return { backend, writes };
}

/** Id of the owned secret with this label, if there is one. */
function ownId(world: HookWorld, { label }: SecretRequest): string | undefined {
  return label === undefined ? undefined : world.secretIds().find((id) => world.secretInfoGet({ id }).label === label);
}

/** What this hook has written last: read at once for a new secret, with --peek or --refresh for an old one. */
function pendingContent(
  writes: readonly SecretWrite[],
  id: string | undefined,
): Readonly<Record<string, string>> | undefined {
  const about = writes.filter((write) => write.kind === 'add' || write.kind === 'set');
  return about.findLast((write) => write.id === id && write.settings.content !== undefined)?.settings.content;
}

/** Rotation and access are not told before the flush. */
function newInfo(id: string, owner: 'application' | 'unit', settings: SecretSettings): SecretInfo {
  return {
    id,
    revision: 1,
    label: settings.label ?? '',
    owner,
    ...(settings.description ? { description: settings.description } : {}),
  };
}
