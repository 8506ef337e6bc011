/** @module What a charm's YAML files declare, as far as events and states are checked against it. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ConfigValue, Json } from '../hook-tools/backend.ts';

/** An endpoint's side of a relation. */
export type Role = 'provides' | 'requires' | 'peers';

/** One option of config.yaml. */
export interface ConfigOption {
  readonly type: 'string' | 'int' | 'float' | 'boolean' | 'secret';
  readonly default: ConfigValue;
}

/** One action of actions.yaml; `parameters` are JSON Schema properties by name. */
export interface ActionDeclaration {
  readonly parameters: Readonly<Record<string, { readonly type?: string; readonly default?: Json }>>;
  readonly required: readonly string[];
}

/** The declarations of a charm. */
export interface CharmMetadata {
  readonly name: string;
  readonly endpoints: Readonly<Record<string, Role>>;
  /** Endpoints and extra bindings: what network-get knows. */
  readonly bindings: readonly string[];
  readonly containers: readonly string[];
  readonly storages: readonly string[];
  readonly resources: readonly string[];
  readonly config: Readonly<Record<string, ConfigOption>>;
  readonly configDefaults: Readonly<Record<string, ConfigValue>>;
  readonly actions: Readonly<Record<string, ActionDeclaration>>;
}

interface Yaml {
  readonly [key: string]: Yaml;
}

/**
 * Reads charmcraft.yaml, or metadata.yaml with config.yaml and actions.yaml, of a charm's directory.
 *
 * @throws Error when there is neither charmcraft.yaml nor metadata.yaml
 */
export function readMetadata(dir: string): CharmMetadata {
  const whole = readYaml(join(dir, 'charmcraft.yaml'));
  const metadata = whole ?? readYaml(join(dir, 'metadata.yaml'));
  if (metadata === undefined) throw new Error(`${dir} has neither charmcraft.yaml nor metadata.yaml: not a charm`);
  const config = whole ? whole.config : readYaml(join(dir, 'config.yaml'));
  const actions = whole ? whole.actions : readYaml(join(dir, 'actions.yaml'));
  return metadataOf(metadata, config ?? {}, actions ?? {});
}

function readYaml(path: string): Yaml | undefined {
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Yaml) : undefined;
}

function metadataOf(metadata: Yaml, config: Yaml, actions: Yaml): CharmMetadata {
  const roles: Role[] = ['provides', 'requires', 'peers'];
  const endpoints = Object.fromEntries(roles.flatMap((role) => names(metadata[role]).map((name) => [name, role])));
  const options = Object.fromEntries(
    Object.entries(config.options ?? {}).map(([name, option]) => [
      name,
      {
        type: String(option.type) as ConfigOption['type'],
        default: (option.default ?? null) as unknown as ConfigValue,
      },
    ]),
  );
  return {
    name: String(metadata.name),
    endpoints,
    bindings: [...Object.keys(endpoints), ...names(metadata['extra-bindings'])],
    containers: names(metadata.containers),
    storages: names(metadata.storage),
    resources: names(metadata.resources),
    config: options,
    configDefaults: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])),
    actions: Object.fromEntries(Object.entries(actions).map(([name, declared]) => [name, actionOf(declared)])),
  };
}

function names(group: unknown): string[] {
  return Object.keys(group ?? {});
}

function actionOf(declared: Yaml | null): ActionDeclaration {
  return {
    parameters: (declared?.params ?? {}) as unknown as ActionDeclaration['parameters'],
    required: (declared?.required ?? []) as unknown as readonly string[],
  };
}
