/** @module The running lab's end of the console. */

import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { lineReader } from '../line-reader.ts';
import { type Answer, type Request, socketPath } from './wire.ts';

/** Carries out a request; `say` sends output while it runs, and the result is the exit code. */
export type Serve = (request: Request, say: (kind: 'stdout' | 'stderr', text: string) => void) => Promise<number>;

/** Listens for commands until the server is closed. */
export function serveConsole(serve: Serve, path = socketPath()): Server {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on(
      'data',
      lineReader((line) => void answer(socket, line, serve)),
    );
  });
  server.listen(path);
  return server;
}

async function answer(socket: Socket, line: string, serve: Serve): Promise<void> {
  const send = (message: Answer) => socket.write(`${JSON.stringify(message)}\n`);
  try {
    const code = await serve(JSON.parse(line) as Request, (kind, text) => send({ kind, text }));
    send({ kind: 'end', code });
  } catch (error) {
    send({ kind: 'stderr', text: `${error instanceof Error ? error.message : error}\n` });
    send({ kind: 'end', code: 1 });
  }
  socket.end();
}
