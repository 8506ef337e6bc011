/** @module Pure: turns a wish (verb, resource, name, options) into one HTTP request. */
import type { KubeObject } from './object.ts';
import { type Resource, resourceName } from './resources.ts';

/** What is asked of the API, in the API's own verbs (`apply` is a PATCH of its own content type). */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deletecollection';

/** How the parts of a patch are laid over the object. */
export type PatchType = 'strategic' | 'merge' | 'json';

/** What a request was about, for errors and logs; `resource` as kubectl names it. */
export interface RequestTarget {
  readonly verb: Verb;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** One HTTP request, ready to send. `path` holds the query. */
export interface KubeRequest extends RequestTarget {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Everything that can be said with a request; which of it makes sense follows from the verb. */
export interface Wish {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly subresource?: string | undefined;
  readonly body?: unknown;
  readonly patch?: PatchType | undefined;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;

const patchTypes = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const;

const applyType = 'application/apply-patch+yaml';

/** Verbs that change the world; they are validated strictly, so that a typo is an error and not a dropped field. */
const strict: readonly Verb[] = ['create', 'update', 'patch', 'apply'];

/**
 * Builds the request. Throws a TypeError when a namespaced object is named without a namespace.
 *
 * @example buildRequest('get', statefulSets, { namespace: 'media', name: 'qbittorrent' }).path
 * // '/apis/apps/v1/namespaces/media/statefulsets/qbittorrent'
 */
export function buildRequest(verb: Verb, resource: Resource<unknown>, wish: Wish = {}): KubeRequest {
  const namespace = resource.namespaced ? (wish.namespace ?? namespaceOf(wish.body)) : undefined;
  const name = wish.name ?? (verb === 'apply' ? nameOf(wish.body) : undefined);
  requireTarget(verb, resource, namespace, name);
  return {
    verb,
    resource: resourceName(resource),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    method: methods[verb],
    path: `${resourcePath(resource, namespace, name, wish.subresource)}${queryText(verb, wish.query)}`,
    headers: headersFor(verb, wish),
    ...(wish.body === undefined ? {} : { body: JSON.stringify(wish.body) }),
  };
}

/** The path of a collection, an object or a subresource in the API. */
export function resourcePath(
  resource: Resource<unknown>,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [
    namespace === undefined ? [] : ['namespaces', namespace],
    resource.plural,
    name ?? [],
    subresource ?? [],
  ];
  return [root, ...parts.flat().map(encodeURIComponent)].join('/');
}

const metadataOf = (body: unknown) => (body as KubeObject | undefined)?.metadata;
const namespaceOf = (body: unknown) => metadataOf(body)?.namespace;
const nameOf = (body: unknown) => metadataOf(body)?.name;

function requireTarget(verb: Verb, resource: Resource<unknown>, namespace?: string, name?: string): void {
  const collection = verb === 'list' || verb === 'watch' || verb === 'create' || verb === 'deletecollection';
  if (!collection && !name) throw new TypeError(`${verb} ${resourceName(resource)} needs a name.`);
  const everywhere = verb === 'list' || verb === 'watch';
  if (resource.namespaced && !namespace && !everywhere) {
    throw new TypeError(`${verb} ${resourceName(resource)} needs a namespace: pass it in the options.`);
  }
}

function queryText(verb: Verb, query: Wish['query'] = {}): string {
  const parameters = new URLSearchParams();
  if (verb === 'watch') parameters.set('watch', 'true');
  if (strict.includes(verb)) parameters.set('fieldValidation', 'Strict');
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function headersFor(verb: Verb, wish: Wish): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (wish.body === undefined) return headers;
  headers['content-type'] =
    verb === 'apply' ? applyType : verb === 'patch' ? patchTypes[wish.patch ?? 'strategic'] : 'application/json';
  headers['content-length'] = String(Buffer.byteLength(JSON.stringify(wish.body)));
  return headers;
}
