/** @module The shape of one hook tool: its flags, its formats, and what it does with a backend. */

import { parse } from 'yaml';
import type { HookBackend, Json } from './backend.ts';
import { ToolFailure } from './backend.ts';
import { type FlagTable, type ParsedFlags, quoted, usage } from './flags.ts';
import type { Formats } from './format.ts';

/** One call as a tool sees it. */
export interface Call extends ParsedFlags {
  readonly backend: HookBackend;
  readonly stdin: string;
  readonly format: string;
}

/** What a tool answers: a value to be formatted, text as it is, or nothing. */
export type Reply = { readonly value: Json } | { readonly text: string } | undefined;

/** One hook tool. */
export interface Tool {
  readonly flags: FlagTable;
  /** Missing for tools that print nothing or text only. */
  readonly formats?: Formats;
  readonly run: (call: Call) => Reply;
}

/** A tool without output and flags. */
export function silent(run: (call: Call) => void, flags: FlagTable = {}): Tool {
  return {
    flags,
    run: (call) => {
      run(call);
      return undefined;
    },
  };
}

/** Refuses positional arguments beyond the first `count`. */
export function only(count: number, call: Call): void {
  const extra = call.positional.slice(count);
  if (extra.length > 0) throw usage(`unrecognized args: [${extra.map(quoted).join(' ')}]`);
}

/** The number given with -r, else that of the relation hook. */
export function relationOf(call: Call): number {
  const id = call.relation ?? call.backend.defaults.relation?.id;
  if (id === undefined) throw usage('no relation id specified');
  return id;
}

/** `key=value` arguments over the pairs of `--file -`. */
export function pairsOf(call: Call): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const arg of call.positional) {
    const equals = arg.indexOf('=');
    if (equals < 1) throw usage(`expected "key=value", got ${quoted(arg)}`);
    const key = arg.slice(0, equals);
    if (key in pairs) throw usage(`key ${quoted(key)} specified more than once`);
    pairs[key] = arg.slice(equals + 1);
  }
  return { ...filePairs(call), ...pairs };
}

/** The YAML (or JSON) map of strings given with `--file -`; other files are inlined before the call arrives here. */
export function filePairs(call: Call): Record<string, string> {
  const file = call.text.get('file');
  if (file === undefined) return {};
  if (file !== '-')
    throw new ToolFailure(1, `open ${file}: this stand-in reads files where the tool runs; use inlineFiles`);
  return stringMap(call.stdin);
}

function stringMap(source: string): Record<string, string> {
  let value: unknown;
  try {
    value = parse(source, { schema: 'failsafe', logLevel: 'error' });
  } catch (error) {
    const line = (error as { linePos?: { line: number }[] }).linePos?.[0]?.line ?? 1;
    throw new ToolFailure(1, `yaml: line ${line}: did not find expected node content`);
  }
  if (value === null || value === undefined || value === '') return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unmarshal(Array.isArray(value) ? '!!seq' : '!!str');
  for (const inner of Object.values(value)) {
    if (inner !== null && typeof inner === 'object') throw unmarshal(Array.isArray(inner) ? '!!seq' : '!!map');
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, String(inner ?? '')]));
}

function unmarshal(kind: string): ToolFailure {
  return new ToolFailure(1, `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${kind} into string`);
}
