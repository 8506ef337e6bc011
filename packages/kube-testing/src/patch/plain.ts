/** @module JSON merge patch (RFC 7386) and JSON patch (RFC 6902). */
import type { JsonPatchOperation } from '@vpn-k8s/kube';
import { failure } from '../errors.ts';
import { clone, isObject, type Json, same } from '../store/clone.ts';

/** Lays a JSON merge patch over a value: null deletes, lists are replaced. */
export function jsonMerge(original: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(original) ? { ...original } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = jsonMerge(result[key], value);
  }
  return result;
}

const failed = (message: string) =>
  failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);

/** Applies the operations in order; the first that fails throws 422 and nothing is changed. */
export function jsonPatch(original: unknown, operations: readonly JsonPatchOperation[]): unknown {
  return operations.reduce(applyOperation, clone(original));
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const { op, path } = operation;
  if (op === 'test') return test(document, path, operation.value);
  if (op === 'add') return write(document, path, clone(operation.value), true);
  if (op === 'replace') return write(document, path, clone(operation.value), false);
  if (op === 'remove') return remove(document, path);
  if (op === 'copy') return write(document, path, clone(read(document, operation.from)), true);
  if (op !== 'move') throw failed(`Unexpected kind: ${String(op).slice(0, 60)}`);
  const value = read(document, operation.from);
  return write(remove(document, operation.from), path, value, true);
}

function test(document: unknown, path: string, value: unknown): unknown {
  if (same(read(document, path), value)) return document;
  throw failed(`testing path ${path} value failed: test failed`);
}

const keysOf = (path: string) =>
  path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

function read(document: unknown, path: string): unknown {
  return keysOf(path).reduce((value, key) => {
    const next = (value as Json | undefined)?.[key];
    if (next === undefined) throw failed(`unable to find path ${path}`);
    return next;
  }, document);
}

/** Answers the container of the last key, and that key. */
function locate(document: unknown, path: string): [Json | unknown[], string] {
  const keys = keysOf(path);
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);
  if (typeof parent !== 'object' || parent === null) throw failed(`unable to find path ${path}: missing value`);
  return [parent as Json | unknown[], last];
}

function indexOf(list: unknown[], key: string, path: string, atEnd: boolean): number {
  const index = key === '-' && atEnd ? list.length : Number(key);
  if (!/^(\d+|-)$/.test(key) || index > list.length - (atEnd ? 0 : 1))
    throw failed(`unable to access invalid index ${key} in ${path}`);
  return index;
}

function write(document: unknown, path: string, value: unknown, insert: boolean): unknown {
  if (path === '') return value;
  const [parent, key] = locate(document, path);
  if (Array.isArray(parent)) parent.splice(indexOf(parent, key, path, insert), insert ? 0 : 1, value);
  else if (insert || key in parent) parent[key] = value;
  else throw failed(`replace operation does not apply: doc is missing key: ${path}`);
  return document;
}

function remove(document: unknown, path: string): unknown {
  const [parent, key] = locate(document, path);
  if (Array.isArray(parent)) parent.splice(indexOf(parent, key, path, false), 1);
  else if (key in parent) delete parent[key];
  else throw failed(`remove operation does not apply: doc is missing key: ${path}`);
  return document;
}
