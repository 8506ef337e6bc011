/** @module The thin typed client: each method is one prepared request, sent. */
import { Connection, type ConnectionOptions } from './connection.ts';
import { NotFound } from './errors.ts';
import { inClusterOptions } from './in-cluster.ts';
import type { KubeList, KubeObject, WatchEvent } from './object.ts';
import { buildRequest, type PatchType, type Verb, type Wish } from './request.ts';
import { apiVersion, type Resource } from './resources.ts';
import type { PatchBody } from './strategic-patch.ts';
import { lines, parseEvent } from './watch.ts';

/** Where an object is. Namespaced resources need `namespace`; cluster-wide ones ignore it. */
export interface ObjectOptions {
  readonly namespace?: string | undefined;
  /** `status`, `scale`, `token` ... */
  readonly subresource?: string | undefined;
}

/** Options of every write. */
export interface WriteOptions extends ObjectOptions {
  readonly fieldManager?: string | undefined;
  /** The server does everything but store the result. */
  readonly dryRun?: boolean | undefined;
}

/** What a list or watch selects. */
export interface ListOptions {
  /** All namespaces when missing. */
  readonly namespace?: string | undefined;
  /** For example `app.kubernetes.io/name=alpha`. */
  readonly labelSelector?: string | undefined;
  /** For example `metadata.name=alpha`. */
  readonly fieldSelector?: string | undefined;
  /** Objects per page, 500 by default; pages are followed to the end. */
  readonly limit?: number | undefined;
}

/** Options of a watch. */
export interface WatchOptions extends ListOptions {
  /** Events after this version; missing means: all present objects as ADDED first. */
  readonly resourceVersion?: string | undefined;
  /** Seconds after which the server ends the watch. */
  readonly timeoutSeconds?: number | undefined;
}

/** Options of a delete. */
export interface DeleteOptions extends ObjectOptions {
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly dryRun?: boolean | undefined;
}

type AnyObject = KubeObject;

/** A client of one API server. All methods throw an ApiError, one class per decision (errors.ts). */
export class KubeClient {
  readonly #connection: Connection;

  constructor(options: ConnectionOptions) {
    this.#connection = new Connection(options);
  }

  /** The client of this pod: token, authority and address as the kubelet gives them, read under `root`. */
  static async inCluster(root = ''): Promise<KubeClient> {
    return new KubeClient(inClusterOptions(root));
  }

  /** One object, or undefined when it (or its kind, or its namespace) is not there. */
  async get<T extends AnyObject>(
    resource: Resource<T>,
    name: string,
    options: ObjectOptions = {},
  ): Promise<T | undefined> {
    try {
      return (await this.#send('get', resource, { ...options, name })) as T;
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** All objects that match, page by page. */
  async list<T extends AnyObject>(resource: Resource<T>, options: ListOptions = {}): Promise<T[]> {
    return (await this.listAll(resource, options)).items;
  }

  /** All objects that match, with the resourceVersion from which to watch on. */
  async listAll<T extends AnyObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const { namespace, labelSelector, fieldSelector, limit = 500 } = options;
    const items: T[] = [];
    let token: string | undefined;
    for (;;) {
      const query = { labelSelector, fieldSelector, limit, continue: token };
      const page = (await this.#send('list', resource, { namespace, query })) as KubeList<T>;
      // Why: the items of a typed list come without their own apiVersion and kind.
      for (const item of page.items) items.push({ apiVersion: apiVersion(resource), kind: resource.kind, ...item });
      token = page.metadata.continue;
      if (!token) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
    }
  }

  /** Creates; `AlreadyExists` when the name is taken. */
  async create<T extends AnyObject>(resource: Resource<T>, body: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, subresource } = options;
    const name = subresource === undefined ? undefined : body.metadata?.name;
    return (await this.#send('create', resource, {
      namespace,
      subresource,
      name,
      body,
      query: writeQuery(options),
    })) as T;
  }

  /** Replaces an object whole; `Conflict` when its resourceVersion is not the stored one. */
  async update<T extends AnyObject>(resource: Resource<T>, body: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, subresource } = options;
    const wish = { namespace, subresource, name: body.metadata?.name, body, query: writeQuery(options) };
    return (await this.#send('update', resource, wish)) as T;
  }

  /** Patches an existing object; `NotFound` when there is none. */
  async patch<T extends AnyObject, K extends PatchType>(
    resource: Resource<T>,
    name: string,
    body: PatchBody<T>[K],
    options: WriteOptions & { readonly type: K },
  ): Promise<T> {
    const { namespace, subresource, type } = options;
    const wish = { namespace, subresource, name, body, patch: type, query: writeQuery(options) };
    return (await this.#send('patch', resource, wish)) as T;
  }

  /** Server-side apply: `body` is all that `fieldManager` wants to own; `Conflict` names other owners unless `force`. */
  async apply<T extends AnyObject>(
    resource: Resource<T>,
    body: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force?: boolean },
  ): Promise<T> {
    const { namespace, subresource, force } = options;
    const typed = { apiVersion: apiVersion(resource), kind: resource.kind, ...body };
    const query = { ...writeQuery(options), force };
    return (await this.#send('apply', resource, { namespace, subresource, body: typed, query })) as T;
  }

  /** Deletes; answers false when there was nothing to delete. */
  async delete(resource: Resource<AnyObject>, name: string, options: DeleteOptions = {}): Promise<boolean> {
    const { namespace, subresource, dryRun } = options;
    const wish = {
      namespace,
      subresource,
      name,
      body: deleteBody(options),
      query: { dryRun: dryRun ? 'All' : undefined },
    };
    try {
      await this.#send('delete', resource, wish);
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  /**
   * Calls `onEvent` for each change until the server ends the stream or `signal` is aborted; answers the last resourceVersion seen.
   * Throws `Expired` when the version is too old: list, and watch from there.
   */
  async watch<T extends AnyObject>(
    resource: Resource<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options;
    const query = { labelSelector, fieldSelector, resourceVersion, timeoutSeconds, allowWatchBookmarks: true };
    const request = buildRequest('watch', resource, { namespace, query });
    let seen = resourceVersion;
    try {
      for await (const line of lines(await this.#connection.open(request, signal))) {
        const event = parseEvent<T>(line, request);
        seen = event.object.metadata?.resourceVersion ?? seen;
        onEvent(event);
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
    return seen;
  }

  /** Closes idle connections; a hook needs no call of it. */
  close(): void {
    this.#connection.close();
  }

  #send(verb: Verb, resource: Resource<unknown>, wish: Wish): Promise<unknown> {
    return this.#connection.send(buildRequest(verb, resource, wish));
  }
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined };
}

function deleteBody({ propagation, preconditions, gracePeriodSeconds }: DeleteOptions): object | undefined {
  if (!propagation && !preconditions && gracePeriodSeconds === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(propagation && { propagationPolicy: propagation }),
    ...(preconditions && { preconditions }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  };
}
