/** @module Runs dispatch as Juju's agent does: exact environment, its own working directory, output line by line. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How dispatch ended. */
export interface Exit {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `dispatch` of a charm's directory.
 *
 * @throws Error when it is not done in time; its process group is killed then
 */
export async function runDispatch(
  charmDir: string,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Exit> {
  const child = spawn(join(charmDir, 'dispatch'), [], {
    cwd: charmDir,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, timeoutMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  if (late)
    throw new Error(`The hook was not done after ${timeoutMs} ms; its output:\n${output.stdout}${output.stderr}`);
  return { code, ...output };
}
