/** @module The fields of services, checks and log targets in Pebble's own order: one table that reading, merging and writing follow. */

/** How a field is read, merged and written; an object is a nested group of fields. */
export type FieldType = 'text' | 'int' | 'float' | 'duration' | 'list' | 'map' | Fields;

/** Fields of one kind of entry, in the order in which Pebble writes them. */
export interface Fields {
  readonly [name: string]: FieldType;
}

const runAs = { 'user-id': 'int', user: 'text', 'group-id': 'int', group: 'text', 'working-dir': 'text' } as const;

/** A section of a layer: its fields, and the names that Pebble's messages use for it. */
export interface Section {
  readonly fields: Fields;
  /** In `override for service "x"`. */
  readonly noun: string;
  /** In `not found in type plan.Service`. */
  readonly goType: string;
}

/** The sections that hold entries, in writing order. */
export const sections = {
  services: {
    noun: 'service',
    goType: 'plan.Service',
    fields: {
      summary: 'text',
      description: 'text',
      startup: 'text',
      override: 'text',
      command: 'text',
      after: 'list',
      before: 'list',
      requires: 'list',
      environment: 'map',
      ...runAs,
      'on-success': 'text',
      'on-failure': 'text',
      'on-check-failure': 'map',
      'backoff-delay': 'duration',
      'backoff-factor': 'float',
      'backoff-limit': 'duration',
      'kill-delay': 'duration',
    },
  },
  checks: {
    noun: 'check',
    goType: 'plan.Check',
    fields: {
      override: 'text',
      level: 'text',
      startup: 'text',
      period: 'duration',
      timeout: 'duration',
      threshold: 'int',
      http: { url: 'text', headers: 'map' },
      tcp: { port: 'int', host: 'text' },
      exec: { command: 'text', 'service-context': 'text', environment: 'map', ...runAs },
    },
  },
  'log-targets': {
    noun: 'log target',
    goType: 'plan.LogTarget',
    fields: { type: 'text', location: 'text', services: 'list', override: 'text', labels: 'map' },
  },
} as const satisfies Record<string, Section>;

/** Name of a section that holds entries. */
export type SectionName = keyof typeof sections;

/** The section names in writing order. */
export const sectionNames = Object.keys(sections) as SectionName[];

/** One entry: only the fields that are set, durations as Go writes them. */
export type Entry = Record<string, unknown>;
