/** @module Deletes objects whose owners are gone, and finishes foreground and orphan deletions (pkg/controller/garbagecollector). */
import type { KubeObject, Resource } from '@vpn-k8s/kube';
import { servedKinds } from '../kinds/registry.ts';
import { clone } from '../store/clone.ts';
import type { Store, Stored } from '../store/store.ts';

type Entry = { readonly resource: Resource; readonly object: Stored };
type Owner = { readonly uid: string; readonly blockOwnerDeletion?: boolean };

const owners = (object: KubeObject): Owner[] => object.metadata?.ownerReferences ?? [];

/** Starts collecting; answers the function that stops it. The work is done after the write that caused it, as by a controller. */
export function collectGarbage(store: Store): () => void {
  let planned: NodeJS.Immediate | undefined;
  const sweepSoon = () => {
    planned ??= setImmediate(() => {
      planned = undefined;
      sweep(store);
    });
  };
  const leave = store.subscribeAll(({ type, object }) => {
    if (type === 'DELETED' || owners(object).length > 0 || object.metadata.deletionTimestamp) sweepSoon();
  });
  return () => {
    leave();
    clearImmediate(planned);
  };
}

function entries(store: Store): Entry[] {
  return servedKinds(store).flatMap(({ resource }) => store.list(resource).map((object) => ({ resource, object })));
}

function sweep(store: Store): void {
  const all = entries(store);
  const alive = new Set(all.map(({ object }) => object.metadata.uid));
  for (const entry of all) {
    if (store.get(entry.resource, entry.object.metadata.namespace, entry.object.metadata.name) !== entry.object)
      continue;
    const list = owners(entry.object);
    if (list.length > 0 && !list.some(({ uid }) => alive.has(uid))) erase(store, entry);
    else finishDeletion(store, entry, all);
  }
}

/** Deletes in the background: finalizers and the kubelet still have their say. */
function erase(store: Store, { resource, object }: Entry): void {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const running = resource.plural === 'pods' && (object as { spec?: { nodeName?: string } }).spec?.nodeName;
  if (finalizers.length === 0 && !running) store.remove(resource, object);
  else if (!deletionTimestamp) markDeleted(store, { resource, object }, running ? graceOf(object) : 0);
}

const graceOf = (object: Stored) =>
  (object as { spec?: { terminationGracePeriodSeconds?: number } }).spec?.terminationGracePeriodSeconds ?? 30;

function markDeleted(store: Store, { resource, object }: Entry, grace: number): void {
  const marked = clone(object) as Stored & { metadata: object };
  const deletionTimestamp = `${new Date(Date.now() + grace * 1000).toISOString().slice(0, 19)}Z`;
  store.put(resource, {
    ...marked,
    metadata: { ...marked.metadata, deletionTimestamp, deletionGracePeriodSeconds: grace },
  });
}

function finishDeletion(store: Store, entry: Entry, all: readonly Entry[]): void {
  const { finalizers = [], uid } = entry.object.metadata;
  const dependents = all.filter(({ object }) => owners(object).some((owner) => owner.uid === uid));
  if (finalizers.includes('orphan')) {
    for (const dependent of dependents) disown(store, dependent, uid);
    dropFinalizer(store, entry, 'orphan');
  }
  if (!finalizers.includes('foregroundDeletion')) return;
  for (const dependent of dependents) erase(store, dependent);
  const blocking = dependents.filter(({ resource, object }) => {
    const blocks = owners(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
    return blocks && store.get(resource, object.metadata.namespace, object.metadata.name) !== undefined;
  });
  if (blocking.length === 0) dropFinalizer(store, entry, 'foregroundDeletion');
}

function disown(store: Store, { resource, object }: Entry, uid: string): void {
  const { ownerReferences = [], ...metadata } = clone(object).metadata;
  const left = ownerReferences.filter((owner) => owner.uid !== uid);
  store.put(resource, { ...object, metadata: { ...metadata, ...(left.length > 0 && { ownerReferences: left }) } });
}

function dropFinalizer(store: Store, { resource, object }: Entry, name: string): void {
  const { finalizers = [], ...metadata } = object.metadata;
  const left = finalizers.filter((each) => each !== name);
  const next = store.put(resource, {
    ...object,
    metadata: { ...metadata, ...(left.length > 0 && { finalizers: left }) },
  });
  if (left.length === 0) store.remove(resource, next);
}
