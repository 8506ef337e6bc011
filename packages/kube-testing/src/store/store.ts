/** @module Holds all objects, gives out resource versions, remembers recent events, and tells subscribers at once. */
import type { KubeObject, Resource } from '@vpn-k8s/kube';

/** An object as it is stored: frozen, with all the metadata that the server gives. */
export type Stored<T extends KubeObject = KubeObject> = T & {
  readonly metadata: NonNullable<KubeObject['metadata']> & { name: string; uid: string; resourceVersion: string };
};

/** One change. `previous` is the object before a MODIFIED or DELETED. */
export interface StoreEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored<T>;
  readonly previous?: Stored<T>;
  readonly resource: Resource;
  readonly version: number;
}

/** Called for each change, in order, before the writer gets its answer. */
export type StoreListener<T extends KubeObject = KubeObject> = (event: StoreEvent<T>) => void;

const resourceKey = (resource: Resource<unknown>) => `${resource.group}/${resource.plural}`;
const objectKey = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;

/** The database behind the server, and the lab's own view of it. */
export class Store {
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #listeners = new Map<string, Set<StoreListener>>();
  readonly #pending: StoreEvent[] = [];
  readonly #history: StoreEvent[] = [];
  readonly #historySize: number;
  #version = 1;
  #forgotten = 0;
  #telling = false;

  constructor(historySize = 5000) {
    this.#historySize = historySize;
  }

  /** The version of the newest change. */
  get version(): number {
    return this.#version;
  }

  /** One object, frozen, or undefined. */
  get<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string): Stored<T> | undefined {
    const key = objectKey(resource.namespaced ? namespace : undefined, name);
    return this.#objects.get(resourceKey(resource))?.get(key) as Stored<T> | undefined;
  }

  /** All objects of a resource, in all namespaces or one, sorted by namespace and name as the real server does. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): Stored<T>[] {
    const all = [...(this.#objects.get(resourceKey(resource))?.entries() ?? [])];
    const wanted = namespace === undefined ? all : all.filter(([key]) => key.startsWith(`${namespace}/`));
    return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object as Stored<T>);
  }

  /** Every stored object of every resource. */
  everything(): Stored[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  /** Adds or replaces an object under a new resourceVersion, and tells. */
  put(resource: Resource<unknown>, object: KubeObject): Stored {
    const { name = '', namespace } = object.metadata ?? {};
    const objects = this.#collection(resource);
    const previous = objects.get(objectKey(namespace, name));
    const version = ++this.#version;
    const stored = deepFreeze({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    }) as Stored;
    objects.set(objectKey(namespace, name), stored);
    const change = { object: stored, resource: resource as Resource, version };
    this.#tell(previous ? { ...change, type: 'MODIFIED', previous } : { ...change, type: 'ADDED' });
    return stored;
  }

  /** Takes an object away; its last state is told under a new resourceVersion. */
  remove(resource: Resource<unknown>, object: Stored): void {
    const { name, namespace } = object.metadata;
    if (!this.#collection(resource).delete(objectKey(namespace, name))) return;
    const version = ++this.#version;
    const last = deepFreeze({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    }) as Stored;
    this.#tell({ type: 'DELETED', object: last, previous: object, resource: resource as Resource, version });
  }

  /** Calls `listener` synchronously for each change of a resource; answers the function that ends it. */
  subscribe<T extends KubeObject>(resource: Resource<T>, listener: StoreListener<T>): () => void {
    return this.#listen(resourceKey(resource), listener as StoreListener);
  }

  /** As `subscribe`, for changes of every resource. */
  subscribeAll(listener: StoreListener): () => void {
    return this.#listen('*', listener);
  }

  /** Changes after a version, or undefined when they are no longer remembered. */
  since(version: number): readonly StoreEvent[] | undefined {
    if (version < this.#forgotten) return undefined;
    return this.#history.filter((event) => event.version > version);
  }

  /** Forgets the remembered changes, so that watches from old versions get 410 (what compaction does to etcd). */
  compact(): void {
    this.#history.length = 0;
    this.#forgotten = this.#version;
  }

  #collection(resource: Resource<unknown>): Map<string, Stored> {
    const key = resourceKey(resource);
    const objects = this.#objects.get(key) ?? new Map<string, Stored>();
    this.#objects.set(key, objects);
    return objects;
  }

  #listen(key: string, listener: StoreListener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** A listener may write: its change is told after the one being told, so that all see the same order. */
  #tell(event: StoreEvent): void {
    this.#pending.push(event);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let next = this.#pending.shift(); next; next = this.#pending.shift()) this.#deliver(next);
    } finally {
      this.#telling = false;
    }
  }

  #deliver(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > this.#historySize) this.#forgotten = this.#history.shift()?.version ?? this.#forgotten;
    for (const key of [resourceKey(event.resource), '*']) {
      for (const listener of [...(this.#listeners.get(key) ?? [])]) call(listener, event);
    }
  }
}

/** A listener that throws must not fail somebody else's write: its error ends the process instead. */
function call(listener: StoreListener, event: StoreEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
