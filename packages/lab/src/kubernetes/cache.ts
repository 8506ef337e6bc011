/** @module A kind's objects as the API server has them, kept up to date by list and watch. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient, KubeObject, Resource, WatchEvent } from '@vpn-k8s/kube';

/** `<namespace>/<name>`, or the name alone for what has no namespace. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : (name ?? '');
}

/** Told after each change; `before` and `after` are undefined for a new and for a deleted object. */
export type OnChange<T> = (after: T | undefined, before: T | undefined) => void;

/** All objects of one kind, in every namespace. */
export class Cache<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource<T>;
  readonly #objects = new Map<string, T>();
  readonly #listeners: OnChange<T>[] = [];
  /** Uids of what was deleted: an answer that comes late must not bring it back. */
  readonly #gone = new Set<string>();
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, resource: Resource<T>) {
    this.#client = client;
    this.#resource = resource;
  }

  /** Lists, then follows in the background until `stop`; resolves when the first list is in. */
  async start(): Promise<void> {
    const version = await this.#relist();
    this.#ended = this.#follow(version);
  }

  /** One object by namespace and name. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(namespace ? `${namespace}/${name}` : name);
  }

  /** All objects, of one namespace when it is given. */
  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata?.namespace === namespace);
  }

  /** Calls `listener` after each change from now on. */
  onChange(listener: OnChange<T>): void {
    this.#listeners.push(listener);
  }

  /** Puts in what a write of our own answered, so that the next decision does not rest on an older state. */
  learn(object: T): void {
    const known = this.#objects.get(keyOf(object));
    if (this.#gone.has(object.metadata?.uid ?? '')) return;
    if (known && version(known) >= version(object)) return;
    this.#set(object);
  }

  /** Ends the watch. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #relist(): Promise<string> {
    const { items, resourceVersion } = await this.#client.listAll(this.#resource);
    const keys = new Set(items.map(keyOf));
    for (const object of this.list()) if (!keys.has(keyOf(object))) this.#delete(object);
    for (const object of items) this.learn(object);
    return resourceVersion;
  }

  async #follow(from: string): Promise<void> {
    let resourceVersion: string | undefined = from;
    while (!this.#stop.signal.aborted) {
      try {
        resourceVersion ??= await this.#relist();
        const onEvent = (event: WatchEvent<T>) => this.#receive(event);
        resourceVersion = await this.#client.watch(this.#resource, { resourceVersion }, onEvent, this.#stop.signal);
      } catch {
        // Why: a broken or expired watch is answered by a new list; the pause keeps a dead server from being hammered.
        resourceVersion = undefined;
        await sleep(100);
      }
    }
  }

  #receive({ type, object }: WatchEvent<T>): void {
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#delete(object);
    else this.learn(object);
  }

  #set(object: T): void {
    const before = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), object);
    for (const listener of this.#listeners) listener(object, before);
  }

  #delete(object: T): void {
    this.#gone.add(object.metadata?.uid ?? '');
    const before = this.#objects.get(keyOf(object));
    // Why: an event of an old object must not remove its successor of the same name.
    if (!before || before.metadata?.uid !== object.metadata?.uid) return;
    this.#objects.delete(keyOf(object));
    for (const listener of this.#listeners) listener(undefined, before);
  }
}

function version(object: KubeObject): bigint {
  return BigInt(object.metadata?.resourceVersion ?? '0');
}
