/** @module The agent's side of hook tools: a unix socket that answers one call per connection, one at a time. */

import { createServer, type Server, type Socket } from 'node:net';
import { type HookBackend, ToolFailure } from './backend.ts';
import { runHookTool, type ToolAnswer } from './engine.ts';
import { inlineFiles, type ToolCall } from './inline-files.ts';

/** Where to listen, and who answers. */
export interface HookToolServer {
  readonly socket: string;
  /** JUJU_CONTEXT_ID of the hook that runs; calls of other hooks are refused. */
  readonly contextId: string;
  /** Working directory of the hook, for files named in arguments. */
  readonly directory: string;
  /** Answers a call, here or by asking elsewhere; files named in arguments have been read. */
  readonly answer: (call: ToolCall) => ToolAnswer | Promise<ToolAnswer>;
}

/** Answers from a backend. */
export function answerFrom(backend: HookBackend): (call: ToolCall) => ToolAnswer {
  return ({ tool, args, stdin }) => runHookTool(backend, tool, args, stdin);
}

/**
 * Listens until closed. Calls are answered one after the other, as Juju's mutex has it.
 *
 * @example
 * const server = await serveHookTools({ socket, contextId, directory: charmDir, answer: answerFrom(backend) });
 */
export async function serveHookTools(options: HookToolServer): Promise<{ close(): Promise<void> }> {
  let queue: Promise<unknown> = Promise.resolve();
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    void receive(connection).then((request) => {
      queue = queue.then(async () => connection.end(encode(await answered(options, request))));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.socket, resolve));
  return { close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A client that dies while it talks is nobody's problem. */
async function receive(connection: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  connection.on('error', () => undefined);
  connection.on('data', (part: Buffer) => parts.push(part));
  await new Promise((resolve) => connection.once('end', resolve).once('close', resolve));
  return Buffer.concat(parts);
}

async function answered(options: HookToolServer, request: Buffer): Promise<ToolAnswer> {
  try {
    const { contextId, call } = decode(request);
    if (contextId !== options.contextId) throw new ToolFailure(1, `unknown context id ${JSON.stringify(contextId)}`);
    return await options.answer(inlineFiles(call, options.directory));
  } catch (error) {
    const code = error instanceof ToolFailure ? error.code : 1;
    return { code, stdout: '', stderr: `ERROR ${(error as Error).message}\n` };
  }
}

/** `context NUL tool NUL count NUL argument NUL ... stdin` */
function decode(request: Buffer): { contextId: string; call: ToolCall } {
  let at = 0;
  const field = () => {
    const end = request.indexOf(0, at);
    if (end < 0) throw new ToolFailure(1, 'a hook tool sent half a call');
    const text = request.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const [contextId, tool, count] = [field(), field(), Number(field())];
  const args = Array.from({ length: count }, field);
  return { contextId, call: { tool, args, stdin: request.toString('utf8', at) } };
}

/** `code NUL length of stdout NUL stdout stderr` */
function encode({ code, stdout, stderr }: ToolAnswer): Buffer {
  return Buffer.concat([
    Buffer.from(`${code}\0${Buffer.byteLength(stdout)}\0`),
    Buffer.from(stdout),
    Buffer.from(stderr),
  ]);
}
