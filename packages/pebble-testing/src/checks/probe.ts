/** @module One look at what a check watches: an HTTP answer, an open port, a command's exit code; failures in Go's words. */
import { get } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect } from 'node:net';
import type { Check, Plan, RunAs } from '@vpn-k8s/pebble';
import { formatDuration } from '../duration.ts';
import { daemonEnvironment, exitCodeOf, kill, launch } from '../launch.ts';
import { resolveOwner } from '../users.ts';
import { splitWords } from '../words.ts';

/** A look that failed: the message, and with it what the other side said. */
export class ProbeError extends Error {
  readonly details: string;

  constructor(message: string, details = '') {
    super(message);
    this.details = details;
  }

  /** Message and details in one line, as task logs show them. */
  get whole(): string {
    return this.details === '' ? this.message : `${this.message}; ${this.details}`;
  }
}

/** Looks once; throws ProbeError when it fails, when the time is over, or when `stop` is aborted. */
export async function probe(plan: Plan, check: Check, timeoutMs: number, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)))]);
  try {
    if (check.http !== undefined) await probeHttp(check.http, signal);
    else if (check.tcp !== undefined) await probeTcp(check.tcp, signal);
    else await probeExec(plan, check.exec ?? {}, signal);
  } catch (error) {
    if (signal.aborted) throw new ProbeError(`check timed out after ${formatDuration(timeoutMs)}`);
    throw error instanceof ProbeError ? error : new ProbeError((error as Error).message);
  }
}

async function probeHttp(http: NonNullable<Check['http']>, signal: AbortSignal): Promise<void> {
  const url = http.url ?? '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = { headers: { ...http.headers }, signal, agent: false } as const;
  const request = (url.startsWith('https:') ? getSecure : get)(url, options, (answer) => {
    const status = answer.statusCode ?? 0;
    let body = '';
    answer.on('data', (chunk: Buffer) => {
      if (body.length < 512) body += chunk.toString('utf8');
    });
    answer.on('error', reject);
    answer.on('end', () =>
      status >= 200 && status <= 299
        ? resolve()
        : reject(new ProbeError(`non-2xx status code ${status}`, firstLines(body))),
    );
  });
  request.on('error', (error) => reject(new ProbeError(`Get ${JSON.stringify(url)}: ${dialError(error)}`)));
  return promise;
}

function probeTcp(tcp: NonNullable<Check['tcp']>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: tcp.host || 'localhost', port: tcp.port ?? 0, signal });
  socket.once('connect', () => {
    socket.destroy();
    resolve();
  });
  socket.once('error', (error) => reject(new ProbeError(dialError(error))));
  return promise;
}

async function probeExec(plan: Plan, exec: NonNullable<Check['exec']>, signal: AbortSignal): Promise<void> {
  const merged = withContext(plan, exec['service-context'], exec);
  const child = await launch({
    argv: splitWords(exec.command ?? ''),
    environment: { ...daemonEnvironment(), ...merged.environment },
    workingDir: merged['working-dir'] || undefined,
    owner: resolveOwner(merged),
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-512);
    });
  }
  const end = () => void kill(child.pid!, 'SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('close', (code, by) => resolve(exitCodeOf(code, by)));
  // Why: a child of the command may hold its output open; the real one gives it one second.
  child.once('exit', (code, by) => setTimeout(() => resolve(exitCodeOf(code, by)), 1_000).unref());
  const code = await promise;
  signal.removeEventListener('abort', end);
  if (signal.aborted) throw new ProbeError('aborted');
  if (code !== 0) throw new ProbeError(`exit status ${code}`, lastLines(output));
}

/** What is asked for on top of what the service runs with. */
export interface Context extends RunAs {
  readonly environment?: Readonly<Record<string, string>>;
  readonly 'working-dir'?: string;
}

/** Environment, user and directory of a service, overridden by those that are given; throws Error for an unknown service. */
export function withContext(plan: Plan, serviceName: string | undefined, own: Context): Context {
  if (!serviceName) return own;
  const service = plan.services[serviceName];
  if (service === undefined) throw new Error(`context service ${JSON.stringify(serviceName)} not found`);
  const keys = ['user', 'user-id', 'group', 'group-id', 'working-dir'] as const;
  const merged = keys.flatMap((key) => {
    const value = own[key] ?? service[key];
    return value === undefined || value === '' ? [] : [[key, value]];
  });
  return { ...Object.fromEntries(merged), environment: { ...service.environment, ...own.environment } };
}

type DialError = NodeJS.ErrnoException & { address?: string; port?: number };

function dialError(error: DialError | AggregateError): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    EHOSTUNREACH: 'no route to host',
    ENETUNREACH: 'network is unreachable',
    ECONNRESET: 'connection reset by peer',
  };
  const inner: DialError = error instanceof AggregateError ? (error.errors.at(-1) as DialError) : error;
  const word = words[inner.code ?? ''];
  return word === undefined ? inner.message : `dial tcp ${inner.address}:${inner.port}: connect: ${word}`;
}

function firstLines(text: string): string {
  const lines = text.slice(0, 512).trim().split('\n');
  return (lines.length > 5 ? [...lines.slice(0, 5), '(...)'] : lines).join('\n');
}

function lastLines(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.length > 5 ? ['(...)', ...lines.slice(-5)] : lines).join('\n');
}
