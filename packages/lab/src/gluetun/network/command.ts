/** @module Runs ip(8), iptables(8) and wg(8) of the container. */

import { spawnSync } from 'node:child_process';

/** A command that failed; the message has the form that gluetun logs for its own commands. */
export class CommandFailed extends Error {
  readonly stderr: string;
  readonly code: number | null;

  constructor(line: string, code: number | null, stderr: string) {
    super(`command failed: "${line}": ${stderr.trim()}: exit status ${code}`);
    this.stderr = stderr.trim();
    this.code = code;
  }
}

/** Runs one command and gives back what it printed. @throws CommandFailed */
export function run(argv: readonly string[], input?: string): string {
  const [command, ...args] = argv as [string, ...string[]];
  const done = spawnSync(command, args, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
  if (done.status === 0) return done.stdout;
  throw new CommandFailed(argv.join(' '), done.status, done.stderr || done.error?.message || '');
}

/** Runs a command given as one line of words; no quoting. @throws CommandFailed */
export function runLine(line: string): string {
  return run(line.split(' ').filter(Boolean));
}

/** Whether a command ends with 0. */
export function works(argv: readonly string[]): boolean {
  try {
    run(argv);
    return true;
  } catch {
    return false;
  }
}

/** What `ip -json ARGS` prints, parsed; an empty list when it prints nothing. @throws CommandFailed */
export function ipJson<T>(args: string): T[] {
  const text = run(['ip', '-json', ...args.split(' ')]).trim();
  return text ? (JSON.parse(text) as T[]) : [];
}
