/** @module Command-line arguments of hook tools, parsed and refused as Juju's flag library does. */

import { type HookBackend, ToolFailure } from './backend.ts';

/**
 * What a flag takes. `relation` is checked against the living relations while parsing, `storage` against the storage:
 * that is why a wrong id is an error of usage (exit code 2).
 */
export type FlagKind = 'switch' | 'text' | 'relation' | 'storage' | 'format';

/** Flags of one tool by name, without dashes; several names may share one `as`. */
export type FlagTable = Readonly<Record<string, { readonly kind: FlagKind; readonly as?: string }>>;

/** Parsed arguments. */
export interface ParsedFlags {
  readonly text: ReadonlyMap<string, string>;
  readonly on: ReadonlySet<string>;
  /** Number of the relation given with -r. */
  readonly relation: number | undefined;
  readonly positional: readonly string[];
}

/** Refuses a call that makes no sense (exit code 2). */
export function usage(message: string): ToolFailure {
  return new ToolFailure(2, message);
}

/** Go's %q, near enough for one line. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * Parses arguments; flags and positional arguments may be mixed until `--`.
 *
 * @throws ToolFailure(2) with Juju's words for unknown flags, missing and wrong values.
 */
export function parseFlags(
  args: readonly string[],
  table: FlagTable,
  backend: Pick<HookBackend, 'relation' | 'storageGet'>,
  formats: readonly string[],
): ParsedFlags {
  const text = new Map<string, string>();
  const on = new Set<string>();
  const positional: string[] = [];
  let relation: number | undefined;
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift() as string;
    if (arg === '--') return { text, on, relation, positional: [...positional, ...rest] };
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const { shown, name, value } = split(arg);
    const flag = table[name];
    if (flag === undefined) throw usage(`option provided but not defined: ${shown}`);
    const as = flag.as ?? name;
    if (flag.kind === 'switch') {
      if (isOn(shown, value)) on.add(as);
      continue;
    }
    const given = value ?? rest.shift();
    if (given === undefined) throw usage(`option needs an argument: ${shown}`);
    check(flag.kind, shown, given, backend, formats);
    if (flag.kind === 'relation') relation = relationNumber(given);
    text.set(as, given);
  }
  return { text, on, relation, positional };
}

/** `--name=value`, `--name`, `-n`, `-nvalue`. */
function split(arg: string): { shown: string; name: string; value: string | undefined } {
  if (!arg.startsWith('--')) {
    const value = arg.slice(2).replace(/^=/, '');
    return { shown: arg.slice(0, 2), name: arg.slice(1, 2), value: value === '' ? undefined : value };
  }
  const equals = arg.indexOf('=');
  const shown = equals < 0 ? arg : arg.slice(0, equals);
  return { shown, name: shown.slice(2), value: equals < 0 ? undefined : arg.slice(equals + 1) };
}

function isOn(shown: string, value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true;
  if (value === 'false') return false;
  throw usage(
    `invalid boolean value ${quoted(value)} for ${shown}: strconv.ParseBool: parsing ${quoted(value)}: invalid syntax`,
  );
}

function check(
  kind: FlagKind,
  shown: string,
  value: string,
  backend: Pick<HookBackend, 'relation' | 'storageGet'>,
  formats: readonly string[],
): void {
  const problem = problemOf(kind, value, backend, formats);
  if (problem !== undefined) throw usage(`invalid value ${quoted(value)} for option ${shown}: ${problem}`);
}

function problemOf(
  kind: FlagKind,
  value: string,
  backend: Pick<HookBackend, 'relation' | 'storageGet'>,
  formats: readonly string[],
): string | undefined {
  if (kind === 'format') return formats.includes(value) ? undefined : `unknown format ${quoted(value)}`;
  if (kind === 'storage') return refusal(() => backend.storageGet(value));
  if (kind !== 'relation') return undefined;
  const id = relationNumber(value);
  if (id === undefined) return 'invalid relation id';
  return backend.relation(id) === undefined ? 'relation not found' : undefined;
}

/** Juju looks only at the number after the last colon; the endpoint before it is not checked. */
function relationNumber(value: string): number | undefined {
  const number = value.slice(value.lastIndexOf(':') + 1);
  return /^\d+$/.test(number) ? Number(number) : undefined;
}

function refusal(ask: () => unknown): string | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}
