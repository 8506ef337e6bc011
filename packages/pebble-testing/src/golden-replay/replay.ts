/** @module Plays recorded exchanges of the real Pebble back to a running one and collects its answers. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeFrame, FrameReader, opcode } from '@vpn-k8s/pebble';

/** One line of a recording: an HTTP exchange, or the frames of one websocket of an exec. */
export interface Exchange {
  readonly method?: string;
  readonly path?: string;
  readonly request?: unknown;
  readonly reqType?: string;
  readonly status?: number;
  readonly response?: unknown;
  readonly ws?: string;
  readonly frames?: readonly { readonly op: number; readonly data: unknown }[];
}

/** What came back; `body` is parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly response: unknown;
}

/** Sends one recorded request as it was. */
export function ask(socketPath: string, exchange: Exchange): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = {
    Host: 'localhost',
    ...(exchange.reqType === undefined ? {} : { 'Content-Type': exchange.reqType }),
    ...(exchange.path!.includes('action=read') ? { Accept: 'multipart/form-data' } : {}),
  };
  const outgoing = request(
    { socketPath, method: exchange.method, path: exchange.path, headers, agent: false },
    (incoming) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, response: parsed(text) }));
    },
  );
  outgoing.on('error', reject);
  outgoing.end(typeof exchange.request === 'string' ? exchange.request : JSON.stringify(exchange.request));
  return promise;
}

/** A websocket of an exec that keeps its frames. */
export interface Listener {
  readonly frames: { op: number; data: string }[];
  readonly closed: Promise<void>;
  send(op: number, text: string): void;
}

/** Connects one websocket. */
export function listen(socketPath: string, path: string): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const key = randomBytes(16).toString('base64');
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
  };
  const outgoing = request({ socketPath, path, headers, agent: false });
  outgoing.on('upgrade', (_, socket, head) => resolve(listener(socket, head)));
  outgoing.on('response', (answer) => reject(new Error(`${path} answered ${answer.statusCode}`)));
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

function listener(socket: Duplex, head: Buffer): Listener {
  const reader = new FrameReader();
  const frames: Listener['frames'] = [];
  const take = (data: Buffer) => {
    for (const { opcode: op, payload } of reader.push(data)) frames.push({ op, data: payload.toString('utf8') });
  };
  take(head);
  socket.on('data', take);
  socket.on('error', () => socket.destroy());
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  socket.once('end', () => socket.end());
  const send = (op: number, text: string) => void socket.write(encodeFrame(op, Buffer.from(text), randomBytes(4)));
  return { frames, closed, send };
}

/** The frames with neighbouring output joined: where the output is cut is chance. */
export function joined(frames: readonly { readonly op: number; readonly data: unknown }[]): string[] {
  const output: string[] = [];
  let last = -1;
  for (const { op, data } of frames) {
    if (op === opcode.close) continue;
    if (op === opcode.binary && last === opcode.binary) output.push(`${output.pop()}${String(data)}`);
    else output.push(String(data));
    last = op;
  }
  return output;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
