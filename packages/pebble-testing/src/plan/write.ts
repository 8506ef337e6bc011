/** @module A plan as the YAML text that Pebble answers: its field order, four spaces, names sorted. */
import type { Plan } from '@vpn-k8s/pebble';
import { type Entry, type Fields, sectionNames, sections } from './fields.ts';
import { writeKey, writeText } from './scalar.ts';

/** Writes the plan; entries and fields without a value are left out, an empty plan is `{}`. */
export function writePlan(plan: Plan): string {
  const lines = sectionNames.flatMap((name) => {
    const entries = Object.entries(plan[name] as Record<string, Entry>).sort(byName);
    const fields: Fields = sections[name].fields;
    const written = entries.flatMap(([key, entry]) => group(1, key, fieldLines(2, fields, entry)));
    return written.length === 0 ? [] : [`${name}:`, ...written];
  });
  return lines.length === 0 ? '{}\n' : `${lines.join('\n')}\n`;
}

function fieldLines(depth: number, fields: Fields, entry: Entry): string[] {
  return Object.entries(fields).flatMap(([name, type]) => {
    const value = entry[name];
    if (isAbsent(name, value)) return [];
    if (type === 'list')
      return group(
        depth,
        name,
        (value as string[]).map((item) => `${pad(depth + 1)}- ${writeText(item, depth + 1)}`),
      );
    if (type === 'map') return group(depth, name, mapLines(depth + 1, value as Record<string, string>));
    if (typeof type === 'object') return group(depth, name, fieldLines(depth + 1, type, value as Entry));
    return [`${pad(depth)}${name}: ${typeof value === 'number' ? value : writeText(String(value), depth)}`];
  });
}

function mapLines(depth: number, map: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(map).sort(byName);
  return entries.map(([key, value]) => `${pad(depth)}${writeKey(key)}: ${writeText(value, depth)}`);
}

function group(depth: number, name: string, lines: readonly string[]): string[] {
  const key = `${pad(depth)}${writeKey(name)}:`;
  return lines.length === 0 ? [`${key} {}`] : [key, ...lines];
}

function pad(depth: number): string {
  return '    '.repeat(depth);
}

function isAbsent(name: string, value: unknown): boolean {
  if (value === undefined || value === '') return true;
  if (value === 0) return name === 'threshold' || name === 'port';
  const isGroup = ['http', 'tcp', 'exec'].includes(name);
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0 && !isGroup;
}

function byName(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : 1;
}
