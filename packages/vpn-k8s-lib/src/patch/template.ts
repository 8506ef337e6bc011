/** @module The patch of an application's own StatefulSet: our init first, our sidecar last, and back again. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Container, PodSpec, Volume } from 'kubernetes-types/core/v1.js';
import { DEFAULT_CONTAINER, DROPS_BEFORE, type SideNames } from '../names.ts';
import { type ContainerPatch, exactly } from './containers.ts';
import { difference } from './difference.ts';

/** What one side adds to its pod. */
export interface Additions {
  readonly names: SideNames;
  readonly hash: string;
  readonly init: Container;
  readonly sidecar: Container;
  readonly volumes: readonly Volume[];
  /** Changes to containers that are there already, in the live order. */
  readonly others: readonly ContainerPatch[];
  /** Container that `kubectl logs` and `kubectl exec` mean without a name. */
  readonly defaultContainer: string | undefined;
  /** What un-patching must give back; see memory.ts. */
  readonly memory?: string | undefined;
}

/** A strategic merge patch of a StatefulSet. */
export interface StatefulSetPatch {
  readonly spec: { readonly template: Readonly<Record<string, unknown>> };
}

/** The patch that puts the additions in, or undefined when the live StatefulSet has them all. */
export function additionsPatch(live: StatefulSet, add: Additions): StatefulSetPatch | undefined {
  const spec = podSpec(live);
  const ours = find(spec.initContainers, add.names.init);
  const wanted = {
    metadata: {
      annotations: {
        [add.names.hash]: add.hash,
        ...defaultContainer(live, add.defaultContainer),
        ...(add.memory === undefined ? {} : { [DROPS_BEFORE]: add.memory }),
      },
    },
    spec: {
      initContainers: [exactly(add.init, ours)],
      // Why last: the server refuses a patch list whose order is not that of $setElementOrder.
      containers: [...add.others, exactly(add.sidecar, find(spec.containers, add.names.sidecar))],
      volumes: add.volumes.map((volume) => withoutOtherSources(volume, spec.volumes)),
    },
  };
  return asPatch(difference(live.spec?.template, wanted), orders(spec, add.names));
}

/** The patch that takes everything of ours out, or undefined when nothing of ours is there. */
export function removalPatch(
  live: StatefulSet,
  names: SideNames,
  others: readonly ContainerPatch[],
): StatefulSetPatch | undefined {
  const chosen = live.spec?.template.metadata?.annotations?.[DEFAULT_CONTAINER];
  const ourChoice = others.some((container) => container.name === chosen);
  const wanted = {
    metadata: {
      annotations: { [names.hash]: null, [DROPS_BEFORE]: null, ...(ourChoice ? { [DEFAULT_CONTAINER]: null } : {}) },
    },
    spec: {
      initContainers: [{ $patch: 'delete', name: names.init }],
      containers: [{ $patch: 'delete', name: names.sidecar }, ...others],
      volumes: [{ $patch: 'delete', name: names.volume }],
    },
  };
  return hasOurs(podSpec(live), names) ? asPatch(difference(live.spec?.template, wanted), {}) : undefined;
}

/** True when a pod (or a template) has a container of ours. */
export function hasOurs(spec: PodSpec | undefined, names: SideNames): boolean {
  return Boolean(find(spec?.initContainers, names.init) ?? find(spec?.containers, names.sidecar));
}

function podSpec(live: StatefulSet): PodSpec {
  return live.spec?.template.spec ?? { containers: [] };
}

function find(containers: readonly Container[] | undefined, name: string): Container | undefined {
  return containers?.find((container) => container.name === name);
}

/** Why only where none is set: another party's choice is not ours to change. */
function defaultContainer(live: StatefulSet, name: string | undefined): Record<string, string> {
  const chosen = live.spec?.template.metadata?.annotations?.[DEFAULT_CONTAINER];
  return name === undefined || chosen !== undefined ? {} : { [DEFAULT_CONTAINER]: name };
}

/** A volume of our name may have another source (a renamed ConfigMap is merged, another kind is not): that source goes. */
function withoutOtherSources(volume: Volume, live: readonly Volume[] | undefined): Record<string, unknown> {
  const found = live?.find((other) => other.name === volume.name);
  const others = Object.keys(found ?? {}).filter((key) => !(key in volume));
  return { ...volume, ...Object.fromEntries(others.map((key) => [key, null])) };
}

/**
 * The order of the lists, where it is not as it must be. Why: strategic merge puts new items first, so our sidecar would become
 * the pod's first container; and an init that stands before ours would run without the lock.
 */
function orders(spec: PodSpec, names: SideNames): Record<string, readonly { name: string }[]> {
  const inits = (spec.initContainers ?? []).map((container) => container.name);
  const containers = spec.containers.map((container) => container.name);
  const initOrder = [names.init, ...inits.filter((name) => name !== names.init)];
  return {
    ...(inits[0] === names.init ? {} : order('initContainers', initOrder)),
    ...(containers.includes(names.sidecar) ? {} : order('containers', [...containers, names.sidecar])),
  };
}

function order(list: string, names: readonly string[]): Record<string, readonly { name: string }[]> {
  return { [`$setElementOrder/${list}`]: names.map((name) => ({ name })) };
}

function asPatch(change: unknown, orderings: Record<string, unknown>): StatefulSetPatch | undefined {
  if (change === undefined && Object.keys(orderings).length === 0) return undefined;
  const template = (change ?? {}) as { readonly spec?: object };
  const spec = { ...template.spec, ...orderings };
  return { spec: { template: { ...template, ...(Object.keys(spec).length > 0 ? { spec } : {}) } } };
}
