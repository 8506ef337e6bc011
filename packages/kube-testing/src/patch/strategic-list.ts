/** @module Lists in a strategic merge: items are found by merge key, and new ones come first. */
import { badRequest, unexpected } from '../errors.ts';
import type { ListSchema } from '../schema/schema.ts';
import { isObject, type Json } from '../store/clone.ts';

type MergeItem = (item: Json, change: Json) => Json;

/** Merges a list whose strategy is `merge`. */
export function mergeList(original: unknown[], patch: unknown[], field: ListSchema, mergeItem: MergeItem): unknown[] {
  if (![...original, ...patch].some(isObject)) return mergeScalars(original, patch);
  const key = field.mergeKey;
  if (key === undefined) throw unexpected('cannot merge lists without merge key');
  const changes = patch.map((item) => asItem(item, key));
  const kept = original.filter(
    (item) => !changes.some((change) => change.$patch === 'delete' && equal(item, change, key)),
  );
  const plain = changes.filter((change) => directive(change) === undefined);
  if (changes.some((change) => change.$patch === 'replace')) return orderList(plain, [], plain, key);
  return mergeKeyed(kept, plain, key, mergeItem);
}

function mergeKeyed(kept: unknown[], changes: Json[], key: string, mergeItem: MergeItem): unknown[] {
  const merged = kept.map((item) => {
    const mine = changes.filter((change) => equal(item, change, key));
    return mine.reduce((result, change) => mergeItem(result, change), item as Json);
  });
  const added = changes.filter((change) => !kept.some((item) => equal(item, change, key)));
  return orderList([...merged, ...added], changes, kept, key);
}

function mergeScalars(original: unknown[], patch: unknown[]): unknown[] {
  return orderList([...new Set([...original, ...patch])], patch, original, undefined);
}

function asItem(item: unknown, key: string): Json {
  if (!isObject(item)) throw badRequest('lists of maps and of scalars cannot be merged');
  if (directive(item) === undefined || item.$patch === 'delete') requireKey(item, key);
  return item;
}

function requireKey(item: Json, key: string): void {
  if (item[key] === undefined) {
    const seen = JSON.stringify(item).slice(0, 60);
    throw unexpected(`map: ${seen} does not contain declared merge key: ${key}`);
  }
}

function directive(item: Json): string | undefined {
  if (!('$patch' in item)) return undefined;
  if (item.$patch === 'delete' || item.$patch === 'replace') return item.$patch;
  if (item.$patch === 'merge') throw unexpected('merging lists cannot yet be specified in the patch');
  throw unexpected(
    `unknown patch type: ${String(item.$patch).slice(0, 60)} in map: ${JSON.stringify(item).slice(0, 200)}`,
  );
}

const keyValue = (item: unknown, key: string | undefined) =>
  key === undefined ? item : (item as Json | undefined)?.[key];
const equal = (a: unknown, b: unknown, key: string | undefined) => keyValue(a, key) === keyValue(b, key);
const indexIn = (list: readonly unknown[], item: unknown, key: string | undefined) =>
  list.findIndex((other) => equal(other, item, key));

/**
 * Orders a merged list: items named in `order` in that order, the others as the server has them. Where the two meet, an item that the server
 * does not know goes first; that is why additions are prepended.
 */
export function orderList(merged: unknown[], order: unknown[], server: unknown[], key: string | undefined): unknown[] {
  const named = merged.filter((item) => indexIn(order, item, key) >= 0);
  const rest = merged.filter((item) => indexIn(order, item, key) < 0);
  const sort = (list: unknown[], by: unknown[]) => [...list].sort((a, b) => indexIn(by, a, key) - indexIn(by, b, key));
  return interleave(sort(rest, server), sort(named, order), server, key);
}

function interleave(left: unknown[], right: unknown[], server: unknown[], key: string | undefined): unknown[] {
  const result: unknown[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    const l = indexIn(server, left[i], key);
    const r = indexIn(server, right[j], key);
    result.push(l >= 0 && r >= 0 && l < r ? left[i++] : right[j++]);
  }
  return [...result, ...left.slice(i), ...right.slice(j)];
}

/** The items of a patch must stand in its `$setElementOrder` list, in the same order. */
export function requireOrder(patch: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  const plain = patch.filter((item) => !(isObject(item) && '$patch' in item));
  if (order.length === 0 || plain.length === 0) return;
  let found = 0;
  for (const item of order) if (found < plain.length && equal(plain[found], item, key)) found++;
  if (found === plain.length) return;
  const show = (list: readonly unknown[]) => JSON.stringify(list.map((item) => keyValue(item, key))).slice(0, 200);
  throw unexpected(`The order in patch list:\n${show(patch)}\n doesn't match $setElementOrder list:\n${show(order)}\n`);
}
