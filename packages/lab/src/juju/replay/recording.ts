/** @module Reads the recorded scenarios (fixtures/juju) and puts their hooks and calls into one row of time. */

import { readFileSync } from 'node:fs';

/** One recorded call of a hook tool, or a request that the charm made itself (no `tool`). */
export interface RecordedCall {
  readonly tool?: string;
  readonly args?: readonly string[];
  readonly stdin?: string;
  /** null: no such program. */
  readonly rc: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One recorded dispatch with its whole environment. */
export interface RecordedHook {
  readonly unit: string;
  /** `hooks/install`, `actions/probe`. */
  readonly hook: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly exit: number;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: readonly RecordedCall[];
}

/** One recorded scenario. */
export interface Scenario {
  readonly name: string;
  readonly operator: string;
  readonly hooks: readonly RecordedHook[];
}

const root = new URL('../../../fixtures/juju/', import.meta.url);

function json(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

/** All scenarios in the order in which they were recorded. */
export function readScenarios(): Scenario[] {
  const { order, commonEnvironment } = json('index.json') as {
    order: string[];
    commonEnvironment: Record<string, string>;
  };
  const calls = json('calls.json') as RecordedCall[];
  return order.map((name) => {
    const file = json(`scenarios/${name}.json`) as {
      operator: string;
      hooks: (Omit<RecordedHook, 'calls'> & { calls: number[] })[];
    };
    const hooks = file.hooks.map((hook) => ({
      ...hook,
      env: { ...commonEnvironment, ...hook.env },
      calls: hook.calls.map((n) => calls[n]!),
    }));
    return { name, operator: file.operator, hooks };
  });
}

/** A fixture as text. */
export function readFixture(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** A step of a scenario; calls have no recorded times and are spread evenly between begin and end. */
export type Step = { readonly at: number; readonly hook: number } & (
  | { readonly kind: 'begin' | 'end' }
  | { readonly kind: 'call'; readonly call: RecordedCall }
);

/** Juju flushes after the recorded end of the process (a failed hook has nothing to flush). */
const FLUSH_MS = 200;

/** Begin, calls and end of all hooks in one row. */
export function stepsOf(scenario: Scenario): Step[] {
  const steps = scenario.hooks.flatMap((hook, n): Step[] => {
    const width = (hook.endedMs - hook.startedMs) / (hook.calls.length + 1);
    const calls = hook.calls.map(
      (call, k): Step => ({ at: hook.startedMs + width * (k + 1), hook: n, kind: 'call', call }),
    );
    return [
      { at: hook.startedMs, hook: n, kind: 'begin' },
      ...calls,
      { at: hook.endedMs + (hook.exit === 0 ? FLUSH_MS : 0), hook: n, kind: 'end' },
    ];
  });
  return steps.sort((a, b) => a.at - b.at);
}
