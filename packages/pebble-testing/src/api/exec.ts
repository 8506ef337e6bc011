/** @module Commands over the API: POST /v1/exec and its websockets. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Daemon } from '../daemon.ts';
import { parseDuration } from '../duration.ts';
import { quote } from '../plan/read.ts';
import { type Answer, async, type Incoming, jsonBody, Refusal, refused, texts } from './answer.ts';

/** POST /v1/exec. */
export function postExec(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request, 'request body');
  const command = texts(body.command);
  if (command.length === 0) throw new Refusal(400, 'must specify command');
  const timeout = String(body.timeout ?? '');
  const timeoutMs = timeout === '' ? 0 : parseDuration(timeout);
  if (timeoutMs === undefined) throw new Refusal(400, `invalid timeout: time: invalid duration ${quote(timeout)}`);
  if (body.terminal || body.interactive) throw new Refusal(501, 'This Pebble is a stand-in and does not do terminals');
  const { change, environment, workingDir } = begin(daemon, body, command, timeoutMs);
  return async(change.id, { environment, 'task-id': change.tasks[0]!.id, 'working-dir': workingDir });
}

/** GET /v1/tasks/{task}/websocket/{name}, after the upgrade was asked for. */
export function upgradeTask(daemon: Daemon, request: IncomingMessage, socket: Duplex): void {
  const match = /^\/v1\/tasks\/([^/]+)\/websocket\/([^/?]+)/.exec(request.url ?? '');
  const key = request.headers['sec-websocket-key'];
  const task = match === null ? undefined : daemon.changes.findTask(match[1]!);
  if (match === null || key === undefined || task === undefined) {
    refuse(socket, new Refusal(404, `cannot find task ${quote(match?.[1] ?? '')}`));
    return;
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const connected = daemon.executions.connect(match[1]!, match[2]!, socket);
  if (!connected) refuse(socket, new Refusal(404, `cannot find ${match[2]} websocket for task ${quote(match[1]!)}`));
  else
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
}

function begin(daemon: Daemon, body: Record<string, unknown>, command: string[], timeoutMs: number) {
  try {
    return daemon.executions.start({
      ...(body as object),
      command,
      timeoutMs,
      serviceContext: String(body['service-context'] ?? '') || undefined,
      splitStderr: body['split-stderr'] === true,
    });
  } catch (error) {
    const { message } = error as Error;
    throw new Refusal(message.startsWith('cannot call exec') ? 500 : 400, message);
  }
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const { status, body } = refused(refusal);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.toString('utf8')}`,
  );
}
