/** @module The one place where a hook tool is run, and the error that says why it refused. */

import { execFileSync } from 'node:child_process';

/** Longest answer of one tool that is taken, in bytes: relation data may be megabytes when the other side misbehaves. */
const longestAnswer = 64 * 1024 * 1024;

/** What a process leaves behind when `execFileSync` throws. */
interface Exit {
  readonly status?: number | null;
  readonly stderr?: Buffer | string;
  readonly code?: string;
}

/**
 * A hook tool that did not exit 0. `exitCode` is 1 when Juju refused, 2 when the call makes no sense to it (unknown
 * relation id too), -1 when the tool could not be run at all.
 */
export class HookToolError extends Error {
  readonly tool: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stderr: string;
  constructor(tool: string, args: readonly string[], exit: Exit) {
    const stderr = String(exit.stderr ?? '').trim();
    super(sentence(tool, args, exit, stderr), { cause: exit });
    this.name = 'HookToolError';
    this.tool = tool;
    this.args = args;
    this.exitCode = exit.status ?? -1;
    this.stderr = stderr;
  }
}

function sentence(tool: string, args: readonly string[], exit: Exit, stderr: string): string {
  if (exit.code === 'ENOENT') return `${tool}: no such program on PATH; hook tools exist only inside a Juju hook`;
  const call = [tool, ...args].map(shorten).join(' ');
  if (exit.status === undefined || exit.status === null) return `${call} did not finish: ${exit.code ?? 'killed'}`;
  return `${call} exited ${exit.status}: ${stderr.replace(/^ERROR /, '') || 'it said nothing'}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** Answers of tools that were run ahead, by tool and arguments. */
const prepared = new Map<string, unknown>();

/**
 * Runs a tool found on PATH and returns what it printed. It may write, so everything that was read ahead is forgotten.
 *
 * @throws HookToolError when it exits with another code than 0.
 */
export function runTool(tool: string, args: readonly string[], stdin = ''): string {
  prepared.clear();
  return execute(tool, args, stdin);
}

function execute(tool: string, args: readonly string[], stdin = ''): string {
  try {
    return execFileSync(tool, args, { input: stdin, encoding: 'utf8', maxBuffer: longestAnswer, stdio: 'pipe' });
  } catch (error) {
    throw new HookToolError(tool, args, error as Exit);
  }
}

/**
 * Runs a reading tool with `--format=json` and parses its answer, unless that was done ahead.
 *
 * @throws HookToolError also when the answer is not JSON.
 */
export function askTool(tool: string, args: readonly string[]): unknown {
  const key = keyOf(tool, args);
  if (!prepared.has(key)) return parse(tool, args, execute(tool, ['--format=json', ...args]));
  const answer = prepared.get(key);
  prepared.delete(key);
  return answer;
}

/** Keeps what a reading tool has printed for the next `askTool` of the same call; what is not JSON is not kept. */
export function keep(tool: string, args: readonly string[], answer: string): void {
  try {
    prepared.set(keyOf(tool, args), JSON.parse(answer));
  } catch {
    // Left to the function that asks.
  }
}

const keyOf = (tool: string, args: readonly string[]) => [tool, ...args].join('\0');

function parse(tool: string, args: readonly string[], answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    throw new HookToolError(tool, ['--format=json', ...args], {
      status: 0,
      stderr: `its answer is not JSON: ${shorten(answer)}`,
    });
  }
}
