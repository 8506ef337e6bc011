/** @module config.yaml and actions.yaml of a charm: types, defaults, and the checks of values that an operator gives. */

import type { ConfigValue, Json } from '@vpn-k8s/charm-testing';
import { entries, type Mapping, mapping, shown } from './metadata.ts';

/** One option of config.yaml; `default` is null where the file gives none. */
export interface ConfigOption {
  readonly type: 'string' | 'int' | 'float' | 'boolean' | 'secret';
  readonly default: ConfigValue;
  readonly description: string;
}

/** One action of actions.yaml: a JSON schema for its parameters. */
export interface CharmAction {
  readonly description: string;
  readonly params: Readonly<
    Record<string, { readonly type?: string; readonly default?: Json; readonly enum?: readonly Json[] }>
  >;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

const TYPES = ['string', 'int', 'float', 'boolean', 'secret'];
const ACTION_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Reads config.yaml; throws `option x has unknown type "y"` and refuses defaults of another type. */
export function parseOptions(yaml: Mapping): Record<string, ConfigOption> {
  const parsed = entries(yaml.options, 'options').map(([name, spec]): [string, ConfigOption] => {
    const map = mapping(spec, name);
    const type = map.type === undefined ? 'string' : String(map.type);
    if (!TYPES.includes(type)) throw new Error(`invalid config: option "${name}" has unknown type "${type}"`);
    const option: ConfigOption = {
      type: type as ConfigOption['type'],
      default: null,
      description: String(map.description ?? ''),
    };
    const given = map.default ?? null;
    return [
      name,
      {
        ...option,
        default: given === null || (given === '' && type !== 'string') ? null : checkValue(name, option, given),
      },
    ];
  });
  return Object.fromEntries(parsed);
}

/**
 * A value for an option as Juju keeps it: text of the command line is turned into the option's type.
 *
 * Throws `option "num" expected int, got "x"`. Source: domain/deployment/charm/config.go.
 */
export function checkValue(name: string, option: ConfigOption, value: unknown): ConfigValue {
  const refuse = () => new Error(`option "${name}" expected ${option.type}, got ${shown(value)}`);
  switch (option.type) {
    case 'string':
      if (typeof value !== 'string') throw refuse();
      return value;
    case 'secret':
      if (typeof value !== 'string' || (value !== '' && !/^secret:(\/\/[0-9a-f-]+\/)?[0-9a-z]{20}$/.test(value)))
        throw refuse();
      return value;
    case 'boolean':
      if (value === true || value === 'true' || value === 'True') return true;
      if (value === false || value === 'false' || value === 'False') return false;
      throw refuse();
    default: {
      const number =
        typeof value === 'number'
          ? value
          : typeof value === 'string' && value.trim() !== ''
            ? Number(value)
            : Number.NaN;
      if (!Number.isFinite(number) || (option.type === 'int' && !Number.isInteger(number))) throw refuse();
      return number;
    }
  }
}

/** Reads actions.yaml; throws for names that Juju refuses (`juju...`, capitals). */
export function parseActions(yaml: Mapping): Record<string, CharmAction> {
  const parsed = Object.entries(yaml).map(([name, spec]): [string, CharmAction] => {
    if (!ACTION_NAME.test(name)) throw new Error(`bad action name ${name}`);
    if (name.startsWith('juju')) throw new Error(`cannot use action name ${name}: "juju" is a reserved prefix`);
    const map = mapping(spec, name);
    return [
      name,
      {
        description: String(map.description ?? ''),
        params: mapping(map.params ?? {}, name) as CharmAction['params'],
        required: Array.isArray(map.required) ? map.required.map(String) : [],
        additionalProperties: map.additionalProperties === true,
      },
    ];
  });
  return Object.fromEntries(parsed);
}

const JSON_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (v) => typeof v === 'string',
  integer: (v) => Number.isInteger(v),
  number: (v) => typeof v === 'number',
  boolean: (v) => typeof v === 'boolean',
  array: Array.isArray,
  object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
};

/**
 * Parameters for an action with the schema's defaults filled in.
 *
 * Throws Juju's refusal, `validation failed: (root).count : must be of type integer, given "notint"`.
 */
export function actionParameters(action: CharmAction, given: Readonly<Record<string, Json>>): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(action.params))
    if (schema.default !== undefined) result[name] = schema.default;
  for (const [name, value] of Object.entries(given)) {
    const schema = action.params[name];
    if (!schema && !action.additionalProperties) {
      throw new Error(
        `validation failed: (root) : additional property "${name}" is not allowed, given ${JSON.stringify(given)}`,
      );
    }
    const fits = schema?.type === undefined || (JSON_TYPES[schema.type]?.(value) ?? true);
    if (!fits)
      throw new Error(
        `validation failed: (root).${name} : must be of type ${schema?.type}, given ${JSON.stringify(value)}`,
      );
    result[name] = value;
  }
  const missing = action.required.find((name) => !(name in result));
  if (missing)
    throw new Error(
      `validation failed: (root) : "${missing}" property is missing and required, given ${JSON.stringify(given)}`,
    );
  return result;
}
