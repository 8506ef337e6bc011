/** @module Replaces in answers what differs from run to run: times, random names, counters. */

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>'],
  [/\[\d+\/\w+\/\d{4} [\d:]+\]/g, '[<time>]'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g, '<uuid>'],
  [/\b[\da-f]{60}\b/g, '<boundary>'],
  [/\.txt\.[\w-]+~/g, '.txt.<random>~'],
  [/^(pebble_\w+_count\{.*\}) [1-9]\d*$/gm, '$1 <count>'],
  [/-stand-in\b/g, ''],
];

const counters = new Set(['successes', 'failures', 'size']);

/** Masks a value of JSON; lists of changes are put into the order of their ids, which the real one gives in any order. */
export function mask(value: unknown): unknown {
  if (typeof value === 'string') return patterns.reduce((text, [pattern, to]) => text.replaceAll(pattern, to), value);
  if (Array.isArray(value)) return withoutRepeats(inOrder(value.map(mask)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, counters.has(key) && item !== 0 ? '<count>' : mask(item)]),
  );
}

function inOrder(items: unknown[]): unknown[] {
  return items.every(isChange) ? items.sort((left, right) => Number(left.id) - Number(right.id)) : items;
}

function isChange(item: unknown): item is { id: string; tasks: unknown } {
  return typeof item === 'object' && item !== null && 'tasks' in item;
}

/** A task log has one line per failed look; how many fit before the answer is chance. */
function withoutRepeats(items: unknown[]): unknown[] {
  return items.filter((item, index) => typeof item !== 'string' || item !== items[index - 1]);
}
