/** @module Decodes a body as Go would into its struct: unknown fields are found, types are checked, empty values are left out. */
import { badRequest } from '../errors.ts';
import { canonicalQuantity } from './quantity.ts';
import { childOf, type Schema, structOf } from './schema.ts';

/** What decoding found. */
export interface Decoded {
  readonly value: unknown;
  /** Sentences such as `unknown field "spec.nope"`. */
  readonly unknown: readonly string[];
}

/** Thrown at a value of the wrong type, with Go's sentence. */
export class TypeMismatch extends Error {}

/**
 * Decodes `value` by its schema. Values without a schema (custom resources) only lose their nulls.
 *
 * @example decode({ spec: { nope: 1 } }, { ref: 'apps.v1.StatefulSet' }).unknown // ['unknown field "spec.nope"']
 */
export function decode(value: unknown, schema: Schema | undefined): Decoded {
  const unknown: string[] = [];
  return { value: decodeValue(value, schema, '', unknown), unknown };
}

/** Decodes an object of a kind; what is wrong with it is thrown as the real server's 400, unknown fields only when `strict`. */
export function decodeObject(
  body: unknown,
  schema: Schema | undefined,
  kind: string,
  version: string,
  strict: boolean,
): unknown {
  const sentence = `${kind} in version "${version}" cannot be handled as a ${kind}`;
  try {
    const { value, unknown } = decode(body, schema);
    if (strict && unknown.length > 0) throw badRequest(`${sentence}: strict decoding error: ${unknown.join(', ')}`);
    return value;
  } catch (error) {
    throw error instanceof TypeMismatch ? badRequest(`${sentence}: ${error.message}`) : error;
  }
}

function decodeValue(value: unknown, schema: Schema | undefined, path: string, unknown: string[]): unknown {
  if (schema === undefined || 'any' in schema) return withoutNulls(value);
  if ('scalar' in schema) return decodeScalar(value, schema.scalar, path);
  if ('list' in schema) return decodeList(value, schema.list, path, unknown);
  if ('map' in schema) return decodeMap(value, schema, path, unknown);
  return structOf(schema) ? decodeStruct(value, schema, path, unknown) : withoutNulls(value);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}

function decodeScalar(value: unknown, scalar: string, path: string): unknown {
  if (scalar === 'quantity') return quantity(value, path);
  if (scalar === 'intOrString') return expectOneOf(value, ['number', 'string'], 'intstr.IntOrString', path);
  if (scalar === 'bytes') return base64(value, path);
  if (scalar === 'boolean') return expectOneOf(value, ['boolean'], 'bool', path);
  if (scalar === 'string') return expectOneOf(value, ['string'], 'string', path);
  if (scalar === 'integer' && !Number.isInteger(value)) throw mismatch(value, 'int32', path);
  return expectOneOf(value, ['number'], 'int32', path);
}

function quantity(value: unknown, path: string): string {
  const canonical =
    typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(String(value)) : undefined;
  if (canonical !== undefined) return canonical;
  throw new TypeMismatch(
    `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' (at ${path.slice(1)})`,
  );
}

function base64(value: unknown, path: string): unknown {
  const text = expectOneOf(value, ['string'], '[]uint8', path) as string;
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new TypeMismatch(`illegal base64 data at input byte ${Math.max(0, text.length - 4)} (at ${path.slice(1)})`);
  }
  return text;
}

function expectOneOf(value: unknown, types: readonly string[], goType: string, path: string): unknown {
  if (types.includes(typeof value)) return value;
  throw mismatch(value, goType, path);
}

function mismatch(value: unknown, goType: string, path: string): TypeMismatch {
  const seen = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new TypeMismatch(`json: cannot unmarshal ${seen} into Go struct field ${path.slice(1)} of type ${goType}`);
}

function decodeList(value: unknown, item: Schema, path: string, unknown: string[]): unknown[] {
  if (!Array.isArray(value)) throw mismatch(value, 'slice', path);
  return value.map((each, index) => decodeValue(each, item, `${path}[${index}]`, unknown));
}

function decodeMap(value: unknown, schema: Schema, path: string, unknown: string[]): unknown {
  const entries = Object.entries(asObject(value, 'map[string]string', path));
  const decoded = entries.map(([key, each]) => {
    // Why: Go reads null into a map of strings as the empty string.
    const text = each === null ? '' : each;
    return [key, decodeValue(text, childOf(schema, key), `${path}.${key}`, unknown)];
  });
  return Object.fromEntries(decoded);
}

function decodeStruct(value: unknown, schema: Schema, path: string, unknown: string[]): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(asObject(value, 'struct', path))) {
    const child = childOf(schema, key);
    if (child === undefined) unknown.push(`unknown field "${`${path}.${key}`.slice(1)}"`);
    if (child === undefined || each === null) continue;
    const decoded = decodeValue(each, child, `${path}.${key}`, unknown);
    if (!(child.omit && isEmpty(decoded, child))) result[key] = decoded;
  }
  return result;
}

function asObject(value: unknown, goType: string, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw mismatch(value, goType, path);
}

/** Go's `omitempty`: a struct is never empty, a map or list without entries is. */
function isEmpty(value: unknown, schema: Schema): boolean {
  if ('ref' in schema || 'any' in schema) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}
