/** @module Runs a program and says what it cost: wall clock, processor time and memory of its whole process tree. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';

/** A program with its whole environment. */
export interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds of one run. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the program and all its descendants. */
  readonly cpuMs: number;
}

/** Why bash: its `time` asks the kernel about a child and its descendants, to the millisecond, which Node cannot. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; { time "$0" "$@" >/dev/null 2>&1; } 2>&1';

/** Runs it once. @throws Error when it does not exit 0 */
export async function timed(program: Program): Promise<Cost> {
  const [file = '', ...args] = program.argv;
  const child = start(['/bin/bash', '-c', TIMED, file, ...args], program);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await succeeded(child, program);
  const [wall = 0, user = 0, system = 0] = said.trim().split(' ').map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

/** Peak of the resident memory of the whole tree in MB, looked at as often as this process can; slows the program down. */
export async function peakMemory(program: Program): Promise<number> {
  const child = start(program.argv, program);
  child.stdout?.resume();
  let peak = 0;
  let done = false;
  const ended = succeeded(child, program).finally(() => {
    done = true;
  });
  while (!done) {
    peak = Math.max(peak, resident(child.pid ?? 0, ''));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  return peak / 1e6;
}

function start([file = '', ...args]: readonly string[], { cwd, env }: Program): ChildProcess {
  return spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
}

async function succeeded(child: ChildProcess, { argv }: Program): Promise<void> {
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}; it was to end with 0.`);
}

/** Bytes of a process and its descendants. A fork that is not another program yet shares its parent's memory: not counted. */
function resident(pid: number, parent: string): number {
  try {
    const program = readlinkSync(`/proc/${pid}/exe`);
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    const own = program === parent ? 0 : pages * 4096;
    return children.reduce((sum, child) => sum + resident(child, program), own);
  } catch {
    return 0;
  }
}
