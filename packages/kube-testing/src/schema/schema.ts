/** @module The shapes of the kinds that are served: fields, types, and how lists merge, recorded from Kubernetes' OpenAPI. */
import { readFileSync } from 'node:fs';

/** The type of one value. */
export type Schema = (Scalar | ListSchema | MapSchema | Reference | Anything) & {
  /** Go's `omitempty` on a value that is no pointer: an empty one is not stored. */
  readonly omit?: boolean;
};

/** A value that is never looked into. */
export interface Scalar {
  readonly scalar: 'string' | 'integer' | 'number' | 'boolean' | 'bytes' | 'quantity' | 'intOrString';
}

/** A list: `keys` or `set` make it associative for apply; `patch` and `mergeKey` say how strategic merge treats it. */
export interface ListSchema {
  readonly list: Schema;
  readonly keys?: readonly string[];
  readonly set?: boolean;
  readonly patch?: readonly string[];
  readonly mergeKey?: string;
}

/** A map from any string to values of one type. */
export interface MapSchema {
  readonly map: Schema;
  readonly atomic?: boolean;
}

/** A struct with a name in the schema file. */
export interface Reference {
  readonly ref: string;
  readonly patch?: readonly string[];
}

/** Free JSON. */
export interface Anything {
  readonly any: true;
}

/** A struct's fields, or free JSON. */
export type TypeSchema =
  | {
      readonly fields: Readonly<Record<string, Schema>>;
      readonly required?: readonly string[];
      readonly atomic?: boolean;
    }
  | Anything;

/** What `tools/record-schema.ts` writes. */
export interface SchemaFile {
  readonly version: string;
  readonly types: Readonly<Record<string, TypeSchema>>;
}

let file: SchemaFile | undefined;

/** The recorded schemas, read once. */
export function schemas(): SchemaFile {
  file ??= JSON.parse(readFileSync(new URL('../../fixtures/schema.json', import.meta.url), 'utf8')) as SchemaFile;
  return file;
}

/** The struct behind a schema, or undefined for everything that has no declared fields. */
export function structOf(schema: Schema | undefined): Exclude<TypeSchema, Anything> | undefined {
  if (!schema || !('ref' in schema)) return undefined;
  const type = schemas().types[schema.ref];
  return type && 'fields' in type ? type : undefined;
}

/** The schema of a field or map entry; undefined when the field is not declared (custom resources declare none). */
export function childOf(schema: Schema | undefined, field: string): Schema | undefined {
  if (schema && 'map' in schema) return schema.map;
  return structOf(schema)?.fields[field];
}

/** True when apply owns the whole value rather than its parts. */
export function isAtomic(schema: Schema | undefined): boolean {
  if (!schema) return false;
  if ('list' in schema) return !schema.keys && !schema.set;
  if ('map' in schema) return schema.atomic === true;
  return structOf(schema)?.atomic === true;
}
