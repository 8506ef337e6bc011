/** @module Starts programs the way Pebble does: own process group, user, environment; errors in Go's words. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';

/** What is to be run, as whom and where. */
export interface Program {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir?: string | undefined;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly stdio?: StdioOptions;
}

/** A program could not be started; the message is Go's. */
export class LaunchError extends Error {}

/** The environment of this Pebble, as services inherit it. */
export function daemonEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** Path of a program, looked up in this Pebble's PATH where it has no slash; undefined when it is not there or not executable. */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  return (process.env.PATH ?? '')
    .split(':')
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

/**
 * Starts a program as leader of its own process group; throws LaunchError when that fails.
 *
 * Difference to the real one: the group is a session too, because Node can only make both.
 */
export async function launch(program: Program): Promise<ChildProcess> {
  const name = program.argv[0] ?? '';
  const path = findProgram(name);
  if (path === undefined) throw new LaunchError(notFound(name));
  const child = spawn(path, program.argv.slice(1), {
    argv0: name,
    cwd: program.workingDir,
    env: program.environment,
    detached: true,
    stdio: program.stdio ?? ['ignore', 'pipe', 'pipe'],
    ...foreign(program.owner),
  });
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  child.once('spawn', () => resolve(child));
  child.once('error', (error: NodeJS.ErrnoException) => reject(new LaunchError(startError(program, path, error))));
  return promise;
}

/** Signals a process or, negative, a process group; false when it is gone. */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The exit code as Pebble counts it: 128 and the signal for a killed process. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : signalNumber(signal));
}

function foreign(owner: Program['owner']): { uid?: number; gid?: number } {
  if (owner === undefined) return {};
  // Why: setting even one's own ids needs root; the real one leaves it out then too.
  return owner.uid === process.getuid!() && owner.gid === process.getgid!() ? {} : owner;
}

function notFound(name: string): string {
  return name.includes('/')
    ? `fork/exec ${name}: no such file or directory`
    : `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;
}

function startError(program: Program, path: string, error: NodeJS.ErrnoException): string {
  const dir = program.workingDir;
  if (error.code === 'ENOENT' && dir !== undefined && !isDirectory(dir))
    return `chdir ${dir}: no such file or directory`;
  if (error.code === 'EPERM') return `fork/exec ${path}: operation not permitted`;
  return `fork/exec ${path}: ${error.code === 'EACCES' ? 'permission denied' : error.message}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function signalNumber(signal: NodeJS.Signals): number {
  return signals[signal] ?? 0;
}

const signals: Readonly<Record<string, number>> = osConstants.signals;

/** Whether a name such as SIGHUP is a signal here. */
export function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(signals, name);
}
