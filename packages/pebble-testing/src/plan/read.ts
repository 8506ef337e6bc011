/** @module Layer text to entries: YAML with Pebble's fields and nothing else. */
import { parseDocument } from 'yaml';
import { formatDuration, parseDuration } from '../duration.ts';
import { type Entry, type Fields, type FieldType, type Section, type SectionName, sections } from './fields.ts';

/** A layer is not as it must be; the message is Pebble's. */
export class LayerError extends Error {}

/** One layer as it was given; Pebble combines them in order. */
export interface ReadLayer {
  readonly label: string;
  readonly summary: string;
  readonly description: string;
  readonly sections: Record<SectionName, Record<string, Entry>>;
}

/** Reads a layer; throws LayerError for text that is not YAML, unknown sections and fields, and values of the wrong kind. */
export function readLayer(label: string, text: string): ReadLayer {
  const root = parseYaml(label, text);
  const unknown = Object.keys(root).find((key) => !(key in sections) && key !== 'summary' && key !== 'description');
  if (unknown !== undefined)
    throw new LayerError(`cannot parse layer ${quote(label)}: unknown section ${quote(unknown)}`);
  return {
    label,
    summary: String(root.summary ?? ''),
    description: String(root.description ?? ''),
    sections: {
      services: readSection(label, 'services', root.services),
      checks: readSection(label, 'checks', root.checks),
      'log-targets': readSection(label, 'log-targets', root['log-targets']),
    },
  };
}

function parseYaml(label: string, text: string): Record<string, unknown> {
  // Why failsafe: every scalar stays the text that was written, as it does where Go decodes into strings (`A: 010`).
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' });
  const broken = document.errors[0];
  if (broken !== undefined) throw new LayerError(`cannot parse layer ${quote(label)}: yaml: ${broken.message}`);
  const root = document.toJS() as unknown;
  if (root === null || root === '') return {};
  if (!isMap(root))
    throw new LayerError(
      `cannot parse layer ${quote(label)}: yaml: unmarshal errors:\n  line 1: cannot unmarshal into a layer`,
    );
  return root;
}

function readSection(label: string, name: SectionName, value: unknown): Record<string, Entry> {
  if (value === undefined || value === null || value === '') return {};
  const where = `cannot parse layer ${quote(label)} section ${quote(name)}`;
  if (!isMap(value)) throw new LayerError(`${where}: yaml: unmarshal errors:\n  line 1: cannot unmarshal into a map`);
  const section: Section = sections[name];
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (!isMap(entry))
        throw new LayerError(`${section.noun} object cannot be null for ${section.noun} ${quote(key)}`);
      return [key, readFields(where, section.goType, section.fields, entry)];
    }),
  );
}

function readFields(where: string, goType: string, fields: Fields, entry: Record<string, unknown>): Entry {
  const unknown = Object.keys(entry).find((key) => fields[key] === undefined);
  if (unknown !== undefined) {
    // The real one names the line too, counted in its own rendering of the section.
    throw new LayerError(`${where}: yaml: unmarshal errors:\n  line 0: field ${unknown} not found in type ${goType}`);
  }
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [key, readValue(`${where}: ${key}`, fields[key]!, value)]),
  );
}

function readValue(where: string, type: FieldType, value: unknown): unknown {
  if (typeof type === 'object') return readFields(where, 'plan', type, isMap(value) ? value : {});
  if (type === 'list') return readList(where, value);
  if (type === 'map')
    return Object.fromEntries(Object.entries(readMap(where, value)).map(([key, text]) => [key, scalar(where, text)]));
  const text = scalar(where, value);
  if (type === 'text') return text;
  return type === 'duration' ? readDuration(text) : readNumber(where, type, text);
}

function readList(where: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw new LayerError(`${where}: cannot unmarshal into []string`);
  return value.map((item) => scalar(where, item));
}

function readMap(where: string, value: unknown): Record<string, unknown> {
  if (!isMap(value)) throw new LayerError(`${where}: cannot unmarshal into map[string]string`);
  return value;
}

function scalar(where: string, value: unknown): string {
  if (value === null) return '';
  if (typeof value !== 'string') throw new LayerError(`${where}: cannot unmarshal into string`);
  return value;
}

function readDuration(text: string): string {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new LayerError(`invalid duration ${quote(text)}`);
  return formatDuration(milliseconds);
}

function readNumber(where: string, type: 'int' | 'float', text: string): number {
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) {
    throw new LayerError(
      type === 'float' ? `invalid floating-point number ${quote(text)}` : `${where}: cannot unmarshal into int`,
    );
  }
  return value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text in double quotes as Go's %q writes it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
