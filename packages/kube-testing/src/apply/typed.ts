/** @module Walks objects by their schema: which fields there are, what differs, how an applied configuration merges. */
import { unexpected } from '../errors.ts';
import { childOf, isAtomic, type Schema, structOf } from '../schema/schema.ts';
import { isObject, type Json, same } from '../store/clone.ts';
import { FieldSet, itemStep, type Path, type Step, showPath } from './field-set.ts';

interface Child {
  readonly step: Step;
  readonly schema: Schema | undefined;
  readonly value: unknown;
  /** Entries of maps and lists count as fields of their own, fields of structs only by what is in them. */
  readonly member: boolean;
}

/** What stands below a value, or undefined for a leaf (scalars, atomic lists and maps, and what is empty). */
function children(value: unknown, schema: Schema | undefined): readonly Child[] | undefined {
  if (isAtomic(schema) || (schema && 'any' in schema)) return undefined;
  if (Array.isArray(value))
    return schema && 'list' in schema ? listChildren(value, schema.list, schema.keys) : undefined;
  if (!isObject(value)) return undefined;
  const declared = structOf(schema)?.fields ?? {};
  return Object.entries(value).map(([key, child]) => ({
    step: `f:${key}`,
    schema: childOf(schema, key),
    value: child,
    member: !(key in declared),
  }));
}

function listChildren(list: readonly unknown[], schema: Schema, keys: readonly string[] | undefined): Child[] {
  return list.map((value) => {
    const step = itemStep(value, keys);
    if (step === undefined)
      throw unexpected(`associative list with keys has an element that omits key field "${keys?.join('", "')}"`);
    return { step, schema, value, member: true };
  });
}

/** All fields that an object has, as an applied configuration owns them. */
export function fieldsOf(value: unknown, schema: Schema | undefined): FieldSet {
  return new FieldSet(collect(value, schema, []));
}

function collect(value: unknown, schema: Schema | undefined, path: Path): Path[] {
  const below = children(value, schema);
  if (below === undefined) return [path];
  return below.flatMap((child) => {
    const here = [...path, child.step];
    const hollow = isObject(child.value) && Object.keys(child.value).length === 0;
    const own = child.member || hollow ? [here] : [];
    return [...own, ...collect(child.value, child.schema, here)];
  });
}

/** Throws the server's error when a keyed list holds a key twice. */
export function requireUnique(value: unknown, schema: Schema | undefined, path: Path = []): void {
  const seen = new Set<Step>();
  for (const child of children(value, schema) ?? []) {
    if (seen.has(child.step))
      throw unexpected(`${showPath(path)}: duplicate entries for key ${showPath([child.step])}`);
    seen.add(child.step);
    requireUnique(child.value, child.schema, [...path, child.step]);
  }
}

/** What differs between two objects. Containers that appear or go count as fields too. */
export interface Difference {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares field by field. */
export function difference(before: unknown, after: unknown, schema: Schema | undefined): Difference {
  const found = { added: [] as Path[], modified: [] as Path[], removed: [] as Path[] };
  compare(before, after, schema, [], found);
  return {
    added: new FieldSet(found.added),
    modified: new FieldSet(found.modified),
    removed: new FieldSet(found.removed),
  };
}

type Found = Record<'added' | 'modified' | 'removed', Path[]>;

function compare(before: unknown, after: unknown, schema: Schema | undefined, path: Path, found: Found): void {
  if (before === undefined) found.added.push(path);
  else if (after === undefined) found.removed.push(path);
  const left = before === undefined ? [] : children(before, schema);
  const right = after === undefined ? [] : children(after, schema);
  if (left === undefined || right === undefined) {
    if (before !== undefined && after !== undefined && !same(before, after)) found.modified.push(path);
    return;
  }
  const values = new Map(right.map((child) => [child.step, child.value]));
  for (const child of left) compare(child.value, values.get(child.step), child.schema, [...path, child.step], found);
  const known = new Set(left.map(({ step }) => step));
  for (const child of right)
    if (!known.has(child.step)) compare(undefined, child.value, child.schema, [...path, child.step], found);
}

/** Lays an applied configuration over the live object: its fields win, all others stay. */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  const left = live === undefined ? undefined : children(live, schema);
  const right = children(applied, schema);
  if (left === undefined || right === undefined || Array.isArray(live) !== Array.isArray(applied)) return applied;
  if (Array.isArray(applied)) return mergeItems(left, right);
  const result: Json = { ...(live as Json) };
  for (const { step, value, schema: inner } of right)
    result[step.slice(2)] = mergeApplied(result[step.slice(2)], value, inner);
  return result;
}

/** Items of both, in the order of the applied list; what only the live list has keeps its place, new items follow it. */
function mergeItems(left: readonly Child[], right: readonly Child[]): unknown[] {
  const live = new Map(left.map((child) => [child.step, child]));
  const applied = new Set(right.map(({ step }) => step));
  const result: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [here, wanted] = [left[l], right[r]];
    const next = right.slice(r).find(({ step }) => live.has(step))?.step;
    if (here && !applied.has(here.step)) {
      result.push(here.value);
      l++;
    } else if (here && wanted && here.step !== wanted.step && here.step !== next) {
      l++;
    } else if (wanted) {
      result.push(mergeApplied(live.get(wanted.step)?.value, wanted.value, wanted.schema));
      if (here?.step === wanted.step) l++;
      r++;
    } else {
      l++;
    }
  }
  return result;
}

/** Takes fields out of an object; a container that this empties goes too. */
export function removeFields(value: unknown, schema: Schema | undefined, set: FieldSet, path: Path = []): unknown {
  const below = children(value, schema);
  if (below === undefined || below.length === 0) return value;
  const kept = below
    .filter(({ step }) => !set.has([...path, step]))
    .map((child) => ({ ...child, value: removeFields(child.value, child.schema, set, [...path, child.step]) }))
    .filter((child) => child.value !== undefined);
  if (kept.length === 0) return undefined;
  return Array.isArray(value)
    ? kept.map((child) => child.value)
    : Object.fromEntries(kept.map((child) => [child.step.slice(2), child.value]));
}

/** Adds the structs on the way to each field, so that a struct goes when nobody owns anything in it. */
export function withStructs(set: FieldSet, schema: Schema | undefined): FieldSet {
  return set.union(new FieldSet(set.paths().flatMap((path) => structPrefixes(path, schema))));
}

function structPrefixes(path: Path, root: Schema | undefined): Path[] {
  const found: Path[] = [];
  let schema = root;
  path.forEach((step, index) => {
    const declared = step.startsWith('f:') && step.slice(2) in (structOf(schema)?.fields ?? {});
    if (declared) found.push(path.slice(0, index + 1));
    schema = step.startsWith('f:')
      ? childOf(schema, step.slice(2))
      : schema && 'list' in schema
        ? schema.list
        : undefined;
  });
  return found;
}
