/** @module Layers on top of each other: one plan, with Pebble's defaults. */
import type { Plan } from '@vpn-k8s/pebble';
import { type Entry, type Fields, type Section, type SectionName, sectionNames, sections } from './fields.ts';
import { LayerError, quote, type ReadLayer } from './read.ts';

/** Combines layers, later ones over earlier ones; throws LayerError when an entry does not say `override`. */
export function combineLayers(layers: readonly ReadLayer[]): ReadLayer {
  const combined: ReadLayer['sections'] = { services: {}, checks: {}, 'log-targets': {} };
  for (const layer of layers) for (const name of sectionNames) combineSection(combined, layer, name);
  for (const check of Object.values(combined.checks)) check.threshold ||= 3;
  const last = layers.at(-1);
  return {
    label: last?.label ?? '',
    summary: last?.summary ?? '',
    description: last?.description ?? '',
    sections: combined,
  };
}

/** The plan of combined layers, as the client knows it. */
export function planOf(layer: ReadLayer): Plan {
  return layer.sections as unknown as Plan;
}

function combineSection(combined: ReadLayer['sections'], layer: ReadLayer, name: SectionName): void {
  const section: Section = sections[name];
  for (const [key, entry] of Object.entries(layer.sections[name])) {
    const below = combined[name][key];
    const override = overrideOf(layer, section, key, entry);
    combined[name][key] =
      override === 'merge' && below !== undefined ? merge(section.fields, below, entry) : structuredClone(entry);
  }
}

function overrideOf(layer: ReadLayer, section: Section, key: string, entry: Entry): 'merge' | 'replace' {
  const override = entry.override;
  if (override === 'merge' || override === 'replace') return override;
  const what = override ? 'has invalid "override" value for' : 'must define "override" for';
  throw new LayerError(`layer ${quote(layer.label)} ${what} ${section.noun} ${quote(key)}`);
}

function merge(fields: Fields, below: Entry, above: Entry): Entry {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (key !== 'override' && !isUnset(key, value)) merged[key] = mergeValue(fields[key], below[key], value);
  }
  return merged;
}

function mergeValue(type: Fields[string] | undefined, below: unknown, above: unknown): unknown {
  if (below === undefined) return structuredClone(above);
  if (type === 'list') return [...(below as string[]), ...(above as string[])];
  if (type === 'map') return { ...(below as Entry), ...(above as Entry) };
  if (typeof type === 'object') return merge(type, below as Entry, above as Entry);
  return above;
}

/** Pebble cannot tell an empty text or a zero from one that is not there, so these do not override. */
function isUnset(key: string, value: unknown): boolean {
  return value === '' || (value === 0 && (key === 'threshold' || key === 'port'));
}
