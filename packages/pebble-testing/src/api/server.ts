/**
 * @module The HTTP server: on the unix socket everything, on a TCP port only what is open to all.
 *
 * Difference to the real one: Node cannot tell who is at the other end of a unix socket, so every local caller counts as admin and identities are not enforced.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Daemon } from '../daemon.ts';
import { type Answer, type Incoming, Refusal, refused } from './answer.ts';
import { getChange, getChanges, postChange, waitChange } from './changes.ts';
import { getChecks, getHealth, postChecks, refreshCheck } from './checks.ts';
import { postExec, upgradeTask } from './exec.ts';
import { getFiles, postFiles } from './files.ts';
import { getNotice, getNotices, postNotices } from './notices.ts';
import { getPlan, getServices, postLayers, postServices, postSignals } from './services.ts';
import { getIdentities, getLogs, getMetrics, getSystemInfo, postIdentities } from './system.ts';

type Handler = (daemon: Daemon, request: Incoming) => Answer | Promise<Answer>;

interface Route {
  readonly path: RegExp;
  readonly open?: true;
  readonly GET?: Handler;
  readonly POST?: Handler;
}

const routes: readonly Route[] = [
  { path: /^\/v1\/system-info$/, open: true, GET: getSystemInfo },
  { path: /^\/v1\/health$/, open: true, GET: getHealth },
  { path: /^\/v1\/changes$/, GET: getChanges },
  { path: /^\/v1\/changes\/([^/]+)$/, GET: getChange, POST: postChange },
  { path: /^\/v1\/changes\/([^/]+)\/wait$/, GET: waitChange },
  { path: /^\/v1\/services$/, GET: getServices, POST: postServices },
  { path: /^\/v1\/signals$/, POST: postSignals },
  { path: /^\/v1\/plan$/, GET: getPlan },
  { path: /^\/v1\/layers$/, POST: postLayers },
  { path: /^\/v1\/files$/, GET: getFiles, POST: postFiles },
  { path: /^\/v1\/logs$/, GET: getLogs },
  { path: /^\/v1\/exec$/, POST: postExec },
  { path: /^\/v1\/checks$/, GET: getChecks, POST: postChecks },
  { path: /^\/v1\/checks\/refresh$/, POST: refreshCheck },
  { path: /^\/v1\/notices$/, GET: getNotices, POST: postNotices },
  { path: /^\/v1\/notices\/([^/]+)$/, GET: getNotice },
  { path: /^\/v1\/identities$/, GET: getIdentities, POST: postIdentities },
  { path: /^\/v1\/metrics$/, GET: getMetrics },
];

/** Makes a server; with `openOnly` it refuses all but the open endpoints with 401, as the real one does on TCP. */
export function serve(daemon: Daemon, openOnly: boolean): Server {
  const server = createServer((request, response) => void respond(daemon, openOnly, request, response));
  server.on('upgrade', (request: IncomingMessage, socket) => {
    if (openOnly) socket.destroy();
    else upgradeTask(daemon, request, socket);
  });
  // Long polls may take as long as they like.
  server.requestTimeout = 0;
  return server;
}

async function respond(
  daemon: Daemon,
  openOnly: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await readBody(request);
    const answer = await dispatch(daemon, openOnly, url, request, body, gone.signal);
    send(response, answer);
  } catch (error) {
    send(response, refused(error));
  }
}

function dispatch(
  daemon: Daemon,
  openOnly: boolean,
  url: URL,
  request: IncomingMessage,
  body: Buffer,
  gone: AbortSignal,
): Answer | Promise<Answer> {
  const route = routes.find((other) => other.path.test(url.pathname));
  if (route === undefined) throw new Refusal(404, 'invalid API endpoint requested');
  const method = request.method ?? 'GET';
  const handler = method === 'GET' ? route.GET : method === 'POST' ? route.POST : undefined;
  if (handler === undefined) throw new Refusal(405, `method ${JSON.stringify(method)} not allowed`);
  if (openOnly && !route.open) throw new Refusal(401, 'access denied', 'login-required');
  const params = route.path.exec(url.pathname)!.slice(1).map(decodeURIComponent);
  return handler(daemon, { method, query: url.searchParams, params, headers: request.headers, body, gone });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, { 'Content-Type': answer.type, 'Content-Length': answer.body.length });
  response.end(answer.body);
}
