/** @module A local copy of one kind of object that follows the API server: list once, then watch, and again when that ends. */

import type { KubeClient, KubeObject, Resource } from '@vpn-k8s/kube';

/** Keeps the objects of a resource, in all namespaces, and calls back after each change. */
export class Informer<T extends KubeObject> {
  readonly objects = new Map<string, T>();
  readonly #kube: KubeClient;
  readonly #resource: Resource<T>;
  readonly #changed: () => void;

  constructor(kube: KubeClient, resource: Resource<T>, changed: () => void) {
    this.#kube = kube;
    this.#resource = resource;
    this.#changed = changed;
  }

  /** All objects now. */
  list(): T[] {
    return [...this.objects.values()];
  }

  /** Lists, and then follows until the signal is aborted; gives back once the first list is there. */
  async start(signal: AbortSignal): Promise<void> {
    const version = await this.#list();
    void this.#follow(version, signal);
  }

  async #list(): Promise<string> {
    const { items, resourceVersion } = await this.#kube.listAll(this.#resource);
    this.objects.clear();
    for (const item of items) this.objects.set(key(item), item);
    this.#changed();
    return resourceVersion;
  }

  async #follow(from: string, signal: AbortSignal): Promise<void> {
    let version: string | undefined = from;
    while (!signal.aborted) {
      try {
        version ??= await this.#list();
        version = await this.#watch(version, signal);
      } catch {
        // Why: the API server may be gone for a while (a fault of the lab); a new list is right after any error.
        version = undefined;
        await new Promise((resolve) => setTimeout(resolve, 100).unref());
      }
    }
  }

  #watch(resourceVersion: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#kube.watch(
      this.#resource,
      { resourceVersion },
      ({ type, object }) => {
        if (type === 'BOOKMARK') return;
        if (type === 'DELETED') this.objects.delete(key(object));
        else this.objects.set(key(object), object);
        this.#changed();
      },
      signal,
    );
  }
}

function key({ metadata }: KubeObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name}`;
}
