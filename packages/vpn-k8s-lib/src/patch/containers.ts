/** @module What is wanted of one container: ours exactly as we write it, a workload's only without network capabilities. */
import type { Container } from 'kubernetes-types/core/v1.js';

/** A container's part of a strategic merge patch. */
export type ContainerPatch = { readonly name: string } & Readonly<Record<string, unknown>>;

const OURS = ['image', 'command', 'args', 'env', 'securityContext', 'volumeMounts', 'ports'] as const;
const KEYED = { env: 'name', volumeMounts: 'mountPath', ports: 'containerPort' } as const;

/**
 * Our container with everything taken out that an earlier owner of the same name (the Python family) left in the fields that
 * we write; fields that we do not write (the server's defaults) stay.
 */
export function exactly(wanted: Container, live: Container | undefined): ContainerPatch {
  if (!live) return { ...wanted };
  const missing = OURS.filter((key) => wanted[key] === undefined && live[key] !== undefined).map((key) => [key, null]);
  const lists = Object.entries(KEYED).map(([list, key]) => keyed(wanted, live, list as keyof typeof KEYED, key));
  return {
    ...wanted,
    ...Object.fromEntries(missing),
    ...Object.fromEntries(lists.flat()),
    securityContext: { ...leftOver(wanted.securityContext, live.securityContext), ...wanted.securityContext },
  };
}

type Item = Readonly<Record<string, unknown>>;

function keyed(wanted: Container, live: Container, list: keyof typeof KEYED, key: string): [string, unknown][] {
  const ours = wanted[list] as unknown as readonly Item[] | undefined;
  if (!ours) return [];
  const theirs = (live[list] ?? []) as unknown as readonly Item[];
  const extra = theirs.filter((item) => !ours.some((our) => our[key] === item[key]));
  return [[list, [...ours, ...extra.map((item) => ({ $patch: 'delete', [key]: item[key] }))]]];
}

function leftOver(wanted: object | undefined, live: object | undefined): Record<string, null> {
  const names = Object.keys(live ?? {}).filter((name) => !(name in (wanted ?? {})));
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Why both: NET_ADMIN could undo the lock, and iptables does not see the frames that NET_RAW allows. */
const DROPPED = ['NET_ADMIN', 'NET_RAW'];

/** A workload's container without the capabilities that could get past the lock; others that are dropped already stay. */
export function withoutNetwork(live: Container, allowRaw: boolean): ContainerPatch {
  const ours = allowRaw ? ['NET_ADMIN'] : DROPPED;
  const before = live.securityContext?.capabilities?.drop ?? [];
  if (before.includes('ALL') || ours.every((name) => before.includes(name))) return { name: live.name };
  const drop = [...new Set([...before, ...ours])].sort();
  return { name: live.name, securityContext: { capabilities: { drop } } };
}

/** What a container dropped before us; null when it had no securityContext at all. */
export type DropsBefore = readonly string[] | null;

/** What {@link withNetwork} needs to put a container back exactly. */
export function dropsBefore(live: Container): DropsBefore {
  return live.securityContext ? (live.securityContext.capabilities?.drop ?? []) : null;
}

/** The inverse of {@link withoutNetwork}; without a memory of before, an empty securityContext is left, as Juju makes it. */
export function withNetwork(live: Container, before: DropsBefore = []): ContainerPatch {
  const { capabilities, ...others } = live.securityContext ?? {};
  const drop = capabilities?.drop;
  if (!drop?.includes('NET_ADMIN')) return { name: live.name };
  const rest = drop.filter((name) => !DROPPED.includes(name) || before?.includes(name));
  if (rest.length > 0) return { name: live.name, securityContext: { capabilities: { drop: rest } } };
  if (capabilities?.add?.length) return { name: live.name, securityContext: { capabilities: { drop: null } } };
  const nothing = before === null && Object.keys(others).length === 0;
  return { name: live.name, securityContext: nothing ? null : { capabilities: null } };
}
