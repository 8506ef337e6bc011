/** @module The objects that a side owns besides its StatefulSet: labels, owner, comparison with what is there. */
import type { KubeObject } from '@vpn-k8s/kube';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import { same } from './patch/difference.ts';

/** Who owns our objects: the application's ServiceAccount lives as long as the application, the StatefulSet does not. */
export interface Owner {
  readonly app: string;
  readonly namespace: string;
  /** Of the ServiceAccount; undefined when it could not be read, then objects come without owner. */
  readonly uid: string | undefined;
}

/**
 * Labels of our objects. `managed-by` is not compared: Juju's webhook gives its own value to what an application creates.
 */
function labels(app: string): Record<string, string> {
  return { 'app.kubernetes.io/name': app, 'app.kubernetes.io/part-of': 'vpn-k8s' };
}

/** An object with our labels and owner; `blockOwnerDeletion` is false because a charm may not be allowed to set it. */
export function owned<T extends KubeObject>(object: T, { app, namespace, uid }: Owner): T {
  const reference = { apiVersion: 'v1', kind: 'ServiceAccount', name: app, uid: uid ?? '', blockOwnerDeletion: false };
  const ownerReferences = uid === undefined ? {} : { ownerReferences: [reference] };
  const managed = { 'app.kubernetes.io/managed-by': 'vpn-k8s' };
  return {
    ...object,
    metadata: { ...object.metadata, namespace, labels: { ...labels(app), ...managed }, ...ownerReferences },
  };
}

/** True when the live object says what ours says; labels, annotations and data of other parties do not count. */
export function asWanted(live: KubeObject | undefined, wanted: KubeObject): boolean {
  if (!live) return false;
  const have = live as Content;
  const want = wanted as Content;
  return (
    (want.spec === undefined || same(have.spec, want.spec)) &&
    holds(have.data, want.data) &&
    holds(live.metadata?.annotations, wanted.metadata?.annotations) &&
    holds(live.metadata?.labels, labels(wanted.metadata?.labels?.['app.kubernetes.io/name'] ?? '')) &&
    hasOwner(live, wanted)
  );
}

type Content = { readonly spec?: unknown; readonly data?: Readonly<Record<string, string>> };

function holds(have: Readonly<Record<string, string>> = {}, want: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(want).every(([key, value]) => have[key] === value);
}

function hasOwner(live: KubeObject, wanted: KubeObject): boolean {
  const [reference] = wanted.metadata?.ownerReferences ?? [];
  return !reference || Boolean(live.metadata?.ownerReferences?.some(({ uid }) => uid === reference.uid));
}

/** The owner's uid as all of our objects that are there name it; undefined when the ServiceAccount must be asked. */
export function ownerOf(objects: readonly (KubeObject | undefined)[], app: string): string | undefined {
  const [first, ...others] = objects
    .filter((object) => object !== undefined)
    .map(
      ({ metadata }) =>
        metadata?.ownerReferences?.find(({ kind, name }) => kind === 'ServiceAccount' && name === app)?.uid,
    );
  return others.every((uid) => uid === first) ? first : undefined;
}

/** A ConfigMap with these files. */
export function configMap(name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}
