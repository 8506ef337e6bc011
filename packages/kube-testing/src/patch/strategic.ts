/** @module Strategic merge patch with all its directives (apimachinery, pkg/util/strategicpatch), checked against kubectl's goldens. */
import { badRequest, unexpected } from '../errors.ts';
import { childOf, type Schema, structOf } from '../schema/schema.ts';
import { clone, isObject, type Json } from '../store/clone.ts';
import { mergeList, orderList, requireOrder } from './strategic-list.ts';

const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** Applies a patch to a copy of `original`. Throws a StatusError for malformed directives. */
export function strategicMerge(original: Json, patch: Json, schema: Schema): Json {
  return mergeMap(clone(original), clone(patch), schema);
}

/** Lays `patch` over `original`; both are used up. */
export function mergeMap(original: Json, patch: Json, schema: Schema | undefined): Json {
  if ('$patch' in patch) return wholeMap(patch);
  retainKeys(original, patch);
  applyOrders(original, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix)) deleteScalars(original, key.slice(deletePrefix.length), value);
    else if (value === null) delete original[key];
    else mergeField(original, key, value, schema);
  }
  return original;
}

function wholeMap(patch: Json): Json {
  const { $patch, ...rest } = patch;
  if ($patch === 'replace') return rest;
  if ($patch === 'delete') return {};
  throw unexpected(`unknown patch type: ${String($patch).slice(0, 60)} in map: ${JSON.stringify(patch).slice(0, 200)}`);
}

function mergeField(original: Json, key: string, value: unknown, schema: Schema | undefined): void {
  const present = original[key];
  const field = childOf(schema, key);
  if (isObject(present) && isObject(value)) {
    requireKnown(schema, field, key);
    original[key] = strategies(field).includes('replace') ? value : mergeMap(present, value, field);
  } else if (Array.isArray(present) && Array.isArray(value)) {
    requireKnown(schema, field, key);
    original[key] = mergeLists(present, value, field);
  } else {
    setNew(original, key, value);
  }
}

/** A value that was not there is taken as it is, without directives and nulls. */
function setNew(original: Json, key: string, value: unknown): void {
  if (isDirective(value)) delete original[key];
  else original[key] = withoutDirectives(value);
}

const isDirective = (value: unknown) => isObject(value) && '$patch' in value;

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isDirective(item)).map(withoutDirectives);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null && !isDirective(child));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutDirectives(child)]));
}

/** The real server looks a merged field up in its Go type, and fails when there is none. */
function requireKnown(parent: Schema | undefined, field: Schema | undefined, key: string): void {
  if (field === undefined && structOf(parent))
    throw unexpected(`unable to find api field in struct ${typeName(parent)} for the json field "${key}"`);
}

const typeName = (schema: Schema | undefined) => (schema && 'ref' in schema ? (schema.ref.split('.').pop() ?? '') : '');
const strategies = (field: Schema | undefined): readonly string[] => (field && 'patch' in field && field.patch) || [];

function mergeLists(original: unknown[], patch: unknown[], field: Schema | undefined): unknown[] {
  if (!strategies(field).includes('merge') || !field || !('list' in field)) return patch;
  return mergeList(original, patch, field, (item, change) => mergeMap(item, change, field.list));
}

function deleteScalars(original: Json, key: string, value: unknown): void {
  const list = original[key];
  if (Array.isArray(list) && Array.isArray(value)) original[key] = list.filter((item) => !value.includes(item));
}

/** `$retainKeys`: everything else goes, and the patch may bring nothing else. */
function retainKeys(original: Json, patch: Json): void {
  const keys = patch.$retainKeys;
  if (keys === undefined) return;
  delete patch.$retainKeys;
  const malformed = badRequest('invalid patch format of retainKeys');
  if (!Array.isArray(keys)) throw malformed;
  const brought = Object.entries(patch).filter(([key, value]) => value !== null && !key.startsWith('$'));
  if (brought.some(([key]) => !keys.includes(key))) throw malformed;
  for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
}

/** `$setElementOrder/<list>`: merges that list now, and puts its items into the order given. */
function applyOrders(original: Json, patch: Json, schema: Schema | undefined): void {
  for (const directive of Object.keys(patch).filter((key) => key.startsWith(orderPrefix))) {
    const key = directive.slice(orderPrefix.length);
    const order = patch[directive];
    const change = patch[key];
    delete patch[directive];
    delete patch[key];
    if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
    const field = childOf(schema, key);
    requireKnown(schema, field, key);
    const ordered = orderField(original[key], change, order, field);
    if (ordered !== undefined) original[key] = ordered;
  }
}

function orderField(
  present: unknown,
  change: unknown,
  order: unknown[],
  field: Schema | undefined,
): unknown[] | undefined {
  const mergeKey = field && 'list' in field ? field.mergeKey : undefined;
  if (Array.isArray(change)) requireOrder(change, order, mergeKey);
  if (!Array.isArray(present) && !Array.isArray(change)) return undefined;
  const merged =
    Array.isArray(present) && Array.isArray(change)
      ? mergeLists([...present], change, field)
      : ((present as unknown[] | undefined) ?? (withoutDirectives(change) as unknown[]));
  return orderList(merged, order, (present as unknown[] | undefined) ?? [], mergeKey);
}
