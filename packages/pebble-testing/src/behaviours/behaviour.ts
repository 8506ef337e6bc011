/** @module What a row of the table of behaviours is: something that the stand-in and the real Pebble must both do. */
import { request } from 'node:http';
import type { RunningPebble, StartOptions } from '../start.ts';

/** One behaviour; `run` gets a fresh Pebble and an empty folder, and throws when it is not there. */
export interface Behaviour {
  readonly name: string;
  /** Files to write below $PEBBLE before the start, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: StartOptions['args'];
  /** Starts it with `--http` on a free port of the loopback address, which `run` gets. */
  readonly http?: true;
  /** Only root can show it (other users). */
  readonly needsRoot?: true;
  run(pebble: RunningPebble, dir: string, port: number): Promise<void>;
}

/** Answer of a raw request: status, envelope type, and the error message or result. */
export interface RawResult {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly result: unknown;
  readonly kind: string;
}

/** Asks without the client, over the socket or, with a port, over TCP. */
export function raw(
  pebble: RunningPebble,
  method: string,
  path: string,
  json?: unknown,
  port?: number,
): Promise<RawResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RawResult>();
  const where = port === undefined ? { socketPath: pebble.socket } : { host: '127.0.0.1', port };
  const headers = json === undefined ? {} : { 'Content-Type': 'application/json' };
  const outgoing = request({ ...where, method, path, headers, agent: false }, (incoming) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    incoming.on('end', () => resolve(opened(incoming.statusCode ?? 0, text)));
  });
  outgoing.on('error', reject);
  outgoing.end(json === undefined ? undefined : JSON.stringify(json));
  return promise;
}

/** Waits until a condition holds, asking every 20 ms; throws Error after 10 s with what was seen last. */
export async function until<Value>(
  look: () => Promise<Value> | Value,
  holds: (value: Value) => boolean,
): Promise<Value> {
  let seen: Value | undefined;
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    seen = await look();
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited 10 s in vain; last seen: ${JSON.stringify(seen)}`);
}

/** The state of one service: `active`, `backoff` and so on. */
export async function stateOf(pebble: RunningPebble, name: string): Promise<string | undefined> {
  return (await pebble.client.services([name]))[0]?.current;
}

function opened(status: number, text: string): RawResult {
  const envelope = JSON.parse(text) as { type: string; result: { message?: string; kind?: string } | null };
  const { message = '', kind = '' } = envelope.result ?? {};
  return { status, type: envelope.type, message, kind, result: envelope.result };
}
