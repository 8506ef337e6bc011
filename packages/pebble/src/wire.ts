/** @module One HTTP request over Pebble's unix socket, and the envelope that every answer comes in. */
import type { IncomingHttpHeaders } from 'node:http';
import { PebbleError, PebbleUnreachable } from './errors.ts';

/** What is asked: a JSON value or a body with its type. */
export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: unknown;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds without a byte before the request counts as unreachable; 10 s unless told. */
  readonly idleMs?: number;
}

/** The answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Pebble's envelope: `type` is `sync`, `async` (then `change` names the change) or `error`. */
export interface Envelope {
  readonly type: 'sync' | 'async' | 'error';
  readonly 'status-code': number;
  readonly result: unknown;
  readonly change?: string;
}

const idleMs = 10_000;

/**
 * Sends one request and reads the whole answer, whatever its status.
 *
 * Throws PebbleUnreachable when the socket is missing or refused, or when no byte comes for `idleMs`.
 */
export async function send(socketPath: string, request: Request): Promise<RawAnswer> {
  // Why not imported: node:http as an ES module runs its getters too, which loads undici; 30 ms of every hook.
  const http = process.getBuiltinModule('node:http');
  const body = request.json === undefined ? request.body : Buffer.from(JSON.stringify(request.json));
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const fail = (error: NodeJS.ErrnoException) => reject(new PebbleUnreachable(socketPath, error));
  const { method, path } = request;
  // Why servername: without it Node asks whether the Host header is an IPv6 address, and compiling that expression takes 4 ms.
  const options = {
    socketPath,
    method,
    path,
    headers: headersOf(request, body),
    agent: false,
    servername: '',
  } as const;
  const outgoing = http.request(options, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', fail);
    incoming.on('end', () =>
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
    );
  });
  outgoing.on('error', fail);
  const patience = request.idleMs ?? idleMs;
  outgoing.setTimeout(patience, () =>
    outgoing.destroy(Object.assign(new Error(`no answer in ${patience} ms`), { code: 'ETIMEDOUT' })),
  );
  outgoing.end(body);
  return promise;
}

/** Sends one request and opens the envelope; throws PebbleError with Pebble's own words when it is of type `error`. */
export async function ask(socketPath: string, request: Request): Promise<Envelope> {
  return open(request, await send(socketPath, request));
}

/** Opens the envelope of an answer; a body that is not Pebble's JSON is a PebbleError too. */
export function open(request: Request, answer: RawAnswer): Envelope {
  const code = `${request.method} ${request.path.replace(/\?.*/, '')}`;
  const envelope = parseEnvelope(answer.body.toString('utf8'));
  if (envelope === undefined) {
    const seen = JSON.stringify(answer.body.toString('utf8').slice(0, 60));
    throw new PebbleError(
      code,
      answer.status,
      `${code} answered ${answer.status} with ${seen}, which is not Pebble's JSON`,
      '',
    );
  }
  if (envelope.type !== 'error') return envelope;
  const { message, kind } = envelope.result as { message?: string; kind?: string };
  throw new PebbleError(code, answer.status, message ?? `${code} answered ${answer.status}`, kind ?? '');
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value = JSON.parse(text) as Envelope;
    return typeof value?.type === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function headersOf(request: Request, body: Buffer | undefined): Record<string, string> {
  return {
    Host: 'localhost',
    ...(request.json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
    ...request.headers,
  };
}

/** Makes a query string of the values that are there; lists are joined by commas, '' when there are none. */
export function query(
  values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [`${key}=${encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value))}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
