/** @module A set of fields of an object, as managedFields keep it (KEP-555; structured-merge-diff, fieldpath). */
import { isObject, type Json } from '../store/clone.ts';

/** One step: `f:name` (field), `k:{"name":"x"}` (item of a keyed list) or `v:"x"` (item of a set). */
export type Step = string;

/** The way from the root to a field. */
export type Path = readonly Step[];

const separator = '\u0000';

/** An immutable set of paths. */
export class FieldSet {
  readonly #paths: ReadonlyMap<string, Path>;

  constructor(paths: Iterable<Path> = []) {
    this.#paths = new Map([...paths].filter((path) => path.length > 0).map((path) => [path.join(separator), path]));
  }

  get empty(): boolean {
    return this.#paths.size === 0;
  }

  has(path: Path): boolean {
    return this.#paths.has(path.join(separator));
  }

  /** All paths, sorted. */
  paths(): Path[] {
    return [...this.#paths.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  }

  union(...others: readonly FieldSet[]): FieldSet {
    return new FieldSet([this, ...others].flatMap((each) => [...each.#paths.values()]));
  }

  minus(other: FieldSet): FieldSet {
    return this.filter((path) => !other.has(path));
  }

  intersect(other: FieldSet): FieldSet {
    return this.filter((path) => other.has(path));
  }

  filter(keep: (path: Path) => boolean): FieldSet {
    return new FieldSet([...this.#paths.values()].filter(keep));
  }

  equals(other: FieldSet): boolean {
    return this.#paths.size === other.#paths.size && [...this.#paths.keys()].every((key) => other.#paths.has(key));
  }
}

/** The JSON of `fieldsV1`: a path that has others below it is marked by `"."`. */
export function toFieldsV1(set: FieldSet): Json {
  const root: Json = {};
  for (const path of set.paths()) {
    let node = root;
    for (const step of [...path, '.']) {
      node[step] ??= {};
      node = node[step] as Json;
    }
  }
  return withoutLoneDots(root);
}

function withoutLoneDots(node: Json): Json {
  const children = Object.entries(node).filter(([step]) => step !== '.');
  if (children.length === 0) return {};
  const marked = '.' in node ? { '.': {} } : {};
  return { ...marked, ...Object.fromEntries(children.map(([step, child]) => [step, withoutLoneDots(child as Json)])) };
}

/** Reads `fieldsV1`. */
export function fromFieldsV1(fields: unknown): FieldSet {
  return new FieldSet(isObject(fields) ? below(fields, []) : []);
}

function below(node: Json, path: Path): Path[] {
  return Object.entries(node).flatMap(([step, child]) => {
    if (step === '.') return [path];
    const here = [...path, step];
    return isObject(child) && Object.keys(child).length > 0 ? below(child, here) : [here];
  });
}

/** How the server writes a path in its sentences: `.spec.containers[name="web"].image`. */
export function showPath(path: Path): string {
  return path.map(showStep).join('');
}

function showStep(step: Step): string {
  const text = step.slice(2);
  if (step.startsWith('f:')) return `.${text}`;
  if (step.startsWith('v:')) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Json).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${keys.join(',')}]`;
}

/** Key fields that have a default, so that items may leave them out. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** The step to an item of an associative list; undefined when it lacks a key. */
export function itemStep(item: unknown, keys: readonly string[] | undefined): Step | undefined {
  if (!keys) return `v:${JSON.stringify(item)}`;
  if (!isObject(item)) return undefined;
  const values = [...keys].sort().map((key) => [key, item[key] ?? keyDefaults[key]]);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}
