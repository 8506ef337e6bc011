/** @module Reads from method and path what is asked: a resource with a verb, or something else. */

import type { Kind } from '../kinds/kind.ts';
import { findKind } from '../kinds/registry.ts';
import type { Store } from '../store/store.ts';

/** The parts of a resource path. */
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Splits `/api/v1/...` and `/apis/<group>/<version>/...`; undefined for every other path, discovery included. */
export function parsePath(path: string): Target | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = parts;
  if (root === 'api' && rest.length >= 2) return parseRest('', rest);
  if (root === 'apis' && rest.length >= 3) return parseRest(rest[0] as string, rest.slice(1));
  return undefined;
}

function parseRest(group: string, [version = '', ...rest]: string[]): Target {
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] as string);
  const [plural = '', name, subresource] = inNamespace ? rest.slice(2) : rest;
  return {
    group,
    version,
    plural,
    ...(inNamespace && { namespace: rest[1] as string }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  };
}

/** The API's verb for a request. */
export function verbOf(method: string, target: Target, query: Readonly<Record<string, string>>): string {
  const whole = target.name === undefined;
  if (method === 'GET') return isTrue(query.watch) ? 'watch' : whole ? 'list' : 'get';
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  if (method === 'DELETE') return whole ? 'deletecollection' : 'delete';
  return method.toLowerCase();
}

const isTrue = (value: string | undefined) => value === 'true' || value === '1';

/** The kind at a path; a namespaced path to a cluster-wide kind (and the other way round for single objects) does not exist. */
export function kindAt(store: Store, target: Target): Kind | undefined {
  const kind = findKind(store, target.group, target.version, target.plural);
  if (!kind) return undefined;
  if (!kind.resource.namespaced && target.namespace !== undefined) return undefined;
  if (kind.resource.namespaced && target.namespace === undefined && target.name !== undefined) return undefined;
  if (target.subresource !== undefined && !kind.subresources.includes(target.subresource)) return undefined;
  return kind;
}
