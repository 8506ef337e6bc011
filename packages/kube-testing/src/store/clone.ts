/** @module Copies, compares and reads plain JSON values. */

/** Any JSON object. */
export type Json = Record<string, unknown>;

/** A deep copy that may be changed. */
export const clone = <T>(value: T): T => structuredClone(value);

/** True for `{}` and `{...}`, false for lists, scalars and null. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equal as JSON: the order of keys does not count, a missing key is the same as undefined. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}
