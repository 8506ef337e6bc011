/** @module Output of hook tools: smart, yaml and json, as Juju prints them. */

import { type ScalarTag, stringify, type Tags } from 'yaml';
import type { Json } from './backend.ts';

/** Formats that a tool knows; the first is its default. */
export type Formats = readonly ['smart', 'yaml', 'json'] | readonly ['yaml', 'json'];

/** Most reading tools. */
export const smartFormats: Formats = ['smart', 'yaml', 'json'];
/** secret-get, secret-info-get and goal-state. */
export const yamlFormats: Formats = ['yaml', 'json'];

/** Prints a value; what prints as nothing has no newline either. */
export function printed(value: Json, format: string): string {
  const text = format === 'json' ? jsonText(value) : format === 'yaml' ? yamlText(value) : smartText(value);
  return text === '' ? '' : `${text}\n`;
}

/** A copy with keys in Go's order for maps, all the way down. */
export function sorted(value: Json): Json {
  if (isList(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Go's encoder also escapes what could end a script element in HTML. */
function jsonText(value: Json): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Juju prints YAML 1.1 without indenting lists. */
function yamlText(value: Json): string {
  if (value === null) return '';
  const options = { version: '1.1', indentSeq: false, lineWidth: 0, customTags: asGo } as const;
  return stringify(value, options).replace(/\n$/, '');
}

/** Go takes fewer strings for times than YAML 1.1 does, and so puts quotes around fewer. */
function asGo(tags: Tags): Tags {
  return tags.map((tag) => (isTimestamp(tag) ? { ...tag, test: goTime } : tag));
}

function isTimestamp(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === 'object' && tag.tag.endsWith(':timestamp');
}

const goTime = /^\d{4}-\d\d?-\d\d?([Tt]\d\d?:\d\d?:\d\d?(\.\d+)?(Z|[+-]\d\d:\d\d)| \d\d?:\d\d?:\d\d?(\.\d+)?)?$/;

/** Strings as they are, lists as lines, booleans with a capital, the rest as YAML. */
function smartText(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (isList(value)) return value.every((item) => typeof item === 'string') ? value.join('\n') : yamlText(value);
  return yamlText(value);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
