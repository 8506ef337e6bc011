/** @module Commands run by Pebble in its container: one change, two or three websockets, an exit code. */
import type { Duplex } from 'node:stream';
import type { Change } from './answers.ts';
import { ChangeFailed, PebbleUnreachable } from './errors.ts';
import { encodeFrame, FrameReader, opcode } from './websocket.ts';
import { ask } from './wire.ts';

/** How a command is run; it inherits environment, user and directory of `serviceContext` where that is given. */
export interface ExecOptions {
  readonly stdin?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly serviceContext?: string;
  /** The command is killed after this; the change fails then. 30 s unless told. */
  readonly timeoutMs?: number;
  readonly user?: string;
  readonly group?: string;
  readonly userId?: number;
  readonly groupId?: number;
}

/** What a command needs of Pebble. */
export interface Executor {
  readonly socketPath: string;
  waitChange(id: string, timeoutMs: number): Promise<Change>;
}

/** What came of a command. */
export interface Execution {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command and waits for its end; see Pebble.exec.
 *
 * Throws PebbleError when the program does not exist, ChangeFailed when the time was over or the command could not be run.
 */
export async function execute(pebble: Executor, command: readonly string[], options: ExecOptions): Promise<Execution> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const { result, change } = await ask(pebble.socketPath, {
    method: 'POST',
    path: '/v1/exec',
    json: payload(command, options, timeoutMs),
  });
  const base = `/v1/tasks/${(result as { 'task-id': string })['task-id']}/websocket/`;
  const control = await connect(pebble.socketPath, `${base}control`);
  const [stdout, stderr] = await Promise.all(
    ['stdio', 'stderr'].map((name) => connect(pebble.socketPath, base + name)),
  );
  try {
    if (options.stdin !== undefined) stdout!.send(opcode.binary, Buffer.from(options.stdin));
    stdout!.send(opcode.text, Buffer.from('{"command":"end"}'));
    // Why: Pebble ends the change on its own when the time is over; the slack is for its answer.
    const ended = await pebble.waitChange(change ?? '', timeoutMs + 5_000);
    const exitCode = ended.tasks?.[0]?.data?.['exit-code'];
    if (typeof exitCode !== 'number') throw new ChangeFailed(ended);
    return { exitCode, stdout: await stdout!.text, stderr: await stderr!.text };
  } finally {
    for (const socket of [control, stdout!, stderr!]) socket.close();
  }
}

function payload(command: readonly string[], options: ExecOptions, timeoutMs: number): Record<string, unknown> {
  return {
    command,
    environment: options.environment,
    'working-dir': options.workingDir,
    'service-context': options.serviceContext,
    timeout: `${timeoutMs}ms`,
    user: options.user,
    group: options.group,
    'user-id': options.userId,
    'group-id': options.groupId,
    'split-stderr': true,
  };
}

interface Connection {
  send(code: number, data: Buffer): void;
  /** All binary messages up to the end message or the end of the connection. */
  readonly text: Promise<string>;
  close(): void;
}

async function connect(socketPath: string, path: string): Promise<Connection> {
  const { socket, head } = await upgrade(socketPath, path);
  const { randomBytes } = await import('node:crypto');
  const send = (code: number, data: Buffer) => void socket.write(encodeFrame(code, data, randomBytes(4)));
  return { send, text: collect(socket, head, send), close: () => void socket.destroy() };
}

async function upgrade(socketPath: string, path: string): Promise<{ socket: Duplex; head: Buffer }> {
  const { randomBytes } = await import('node:crypto');
  // Why not imported: see wire.ts.
  const http = process.getBuiltinModule('node:http');
  const key = randomBytes(16).toString('base64');
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    Host: 'localhost',
  };
  const { promise, resolve, reject } = Promise.withResolvers<{ socket: Duplex; head: Buffer }>();
  const request = http.request({ socketPath, path, headers, agent: false });
  request.on('upgrade', (_, socket, head) => resolve({ socket, head }));
  request.on('response', (answer) =>
    reject(
      new PebbleUnreachable(socketPath, new Error(`${path} answered ${answer.statusCode} instead of a websocket`)),
    ),
  );
  request.on('error', (error) => reject(new PebbleUnreachable(socketPath, error)));
  request.end();
  return promise;
}

function collect(socket: Duplex, head: Buffer, send: (code: number, data: Buffer) => void): Promise<string> {
  const reader = new FrameReader();
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const finish = () => resolve(Buffer.concat(chunks).toString('utf8'));
  const take = (data: Buffer) => {
    for (const frame of reader.push(data)) {
      if (frame.opcode === opcode.binary) chunks.push(frame.payload);
      else if (frame.opcode === opcode.ping) send(opcode.pong, frame.payload);
      else if (frame.opcode === opcode.text || frame.opcode === opcode.close) finish();
    }
  };
  take(head);
  socket.on('data', take);
  socket.on('error', finish);
  socket.on('close', finish);
  return promise;
}
