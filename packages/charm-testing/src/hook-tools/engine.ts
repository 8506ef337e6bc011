/** @module Runs one hook tool against a backend: arguments in, exit code and output out, as Juju's own program. */

import { type HookBackend, ToolFailure } from './backend.ts';
import { parseFlags } from './flags.ts';
import { printed } from './format.ts';
import { modelTools } from './model-tools.ts';
import { relationTools } from './relation-tools.ts';
import { secretTools } from './secret-tools.ts';
import { statusTools } from './status-tools.ts';
import { storeTools } from './store-tools.ts';
import type { Tool } from './tool.ts';

/** What a finished tool leaves behind. */
export interface ToolAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const tools: Readonly<Record<string, Tool>> = {
  ...relationTools,
  ...modelTools,
  ...statusTools,
  ...storeTools,
  ...secretTools,
};

/** Names of all hook tools of Juju 4.0, sorted. */
export const toolNames: readonly string[] = Object.keys(tools).sort();

/**
 * Runs a hook tool.
 *
 * Not modelled, and refused: `--help`, and `-o` (output to a file).
 *
 * @example runHookTool(backend, 'is-leader', ['--format=json'], '') // { code: 0, stdout: 'true\n', stderr: '' }
 * @see juju `internal/worker/uniter/runner/jujuc`; compared with recordings of Juju 4.0.15 in engine.golden.test.ts
 */
export function runHookTool(backend: HookBackend, name: string, args: readonly string[], stdin: string): ToolAnswer {
  try {
    const tool = tools[name];
    if (tool === undefined) throw new ToolFailure(1, `unknown command "${name}"`);
    return { code: 0, stdout: run(tool, backend, args, stdin), stderr: '' };
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    return { code: error.code, stdout: '', stderr: `ERROR ${error.message}\n` };
  }
}

function run(tool: Tool, backend: HookBackend, args: readonly string[], stdin: string): string {
  refuseUnmodelled(args);
  const formats = tool.formats ?? [];
  const outputFlags = tool.formats ? ({ format: { kind: 'format' } } as const) : {};
  const flags = parseFlags(args, { ...tool.flags, ...outputFlags }, backend, formats);
  const format = flags.text.get('format') ?? formats[0] ?? 'smart';
  const reply = tool.run({ ...flags, backend, stdin, format });
  if (reply === undefined) return '';
  return 'text' in reply ? reply.text : printed(reply.value, format);
}

function refuseUnmodelled(args: readonly string[]): void {
  const flags = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  const unmodelled = flags.find((arg) => /^(--help|-h|-o|--output(=.*)?)$/.test(arg));
  if (unmodelled !== undefined) throw new ToolFailure(2, `${unmodelled} is not modelled by this stand-in for Juju`);
}
