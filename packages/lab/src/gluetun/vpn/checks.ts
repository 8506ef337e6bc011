/** @module The checks that gluetun 3.41.1 judges its tunnel by: a dial at start, an ICMP echo every minute. */

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How long the checks take; the recorded values are the defaults, tests shorten them. */
export interface CheckTimes {
  readonly dialMs: number;
  readonly periodMs: number;
  readonly triesMs: readonly number[];
}

/** Recorded: 6 s for the dial; each minute ten echoes with growing patience, 120 s in all before it gives up. */
export const recordedTimes: CheckTimes = {
  dialMs: 6000,
  periodMs: 60_000,
  triesMs: [5, 5, 5, 10, 10, 10, 15, 15, 15, 30].map((seconds) => seconds * 1000),
};

/** Dials all targets at once; one that answers is enough. @throws Error with gluetun's words when none does */
export async function startupCheck(targets: readonly string[], times: CheckTimes, signal: AbortSignal): Promise<void> {
  const failures: string[] = [];
  const attempts = targets.map((target, at) =>
    dial(target, times.dialMs, signal).catch((error: Error) => {
      failures.push(`parallel attempt ${at + 1}/${targets.length} failed: ${error.message}`);
      throw error;
    }),
  );
  try {
    await Promise.any(attempts);
  } catch {
    throw new Error(`startup check: all check tries failed: ${failures.join(', ')}`);
  }
}

function dial(target: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { host, port } = splitTarget(target);
  return new Promise((resolve, reject) => {
    const socket = port === 443 ? connectTls({ host, port, servername: host }) : connect({ host, port });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const fail = (why: string) => end(() => reject(new Error(`dialing: dial tcp4 ${target}: ${why}`)));
    const timer = setTimeout(() => fail('i/o timeout'), timeoutMs);
    socket.once(port === 443 ? 'secureConnect' : 'connect', () => end(resolve));
    socket.once('error', (error) => fail(dialError(error)));
    signal.addEventListener('abort', () => fail('operation was canceled'), { once: true });
  });
}

/** Takes `host:port` apart; without a port it is 443. */
export function splitTarget(target: string): { host: string; port: number } {
  const at = target.lastIndexOf(':');
  return at < 0 ? { host: target, port: 443 } : { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
}

function dialError(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED') return 'connect: connection refused';
  if (code === 'ENETUNREACH') return 'connect: network is unreachable';
  if (code === 'EPERM') return 'connect: operation not permitted';
  return error.message;
}

/** Sends echoes until one is answered. @throws Error that lists every try */
export async function smallCheck(targets: readonly string[], times: CheckTimes, signal: AbortSignal): Promise<void> {
  const failures: string[] = [];
  for (const [at, timeoutMs] of times.triesMs.entries()) {
    const target = targets[at % targets.length] as string;
    const began = Date.now();
    if (await echo(target, timeoutMs, signal)) return;
    signal.throwIfAborted();
    failures.push(
      `\tattempt ${at + 1} (${Date.now() - began}ms): timed out waiting for ICMP echo reply from ${target}`,
    );
  }
  throw new Error(`small periodic check: all check tries failed:\n${failures.join('\n')}`);
}

/** One ICMP echo by ping(8); whether it was answered in time. */
function echo(target: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('ping', ['-n', '-q', '-c', '1', '-W', String(Math.ceil(timeoutMs / 1000)), target], {
      stdio: 'ignore',
    });
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    const end = (answered: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(answered);
    };
    child.once('error', () => setTimeout(() => end(false), timeoutMs));
    child.once('exit', (code) => end(code === 0));
  });
}
