/** @module gluetun's control server: authorization first, then the route. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { answer, listen } from './http.ts';
import { authorize, checkRoles, knownRoutes, type Role } from './roles.ts';
import { type Answer, type ControlTargets, serve } from './routes.ts';
import { parseRoles } from './toml.ts';

/** The control server. */
export class ControlServer {
  readonly #log: Log;
  readonly #settings: Settings['control'];
  readonly #targets: ControlTargets;
  readonly #roles: readonly Role[];
  readonly #fallback: Role | undefined;
  readonly #warned = new Set<string>();
  readonly #server: Server;

  /** @throws BadRole when the role file is not valid; `fallback` is checked already */
  constructor(parts: {
    log: Log;
    settings: Settings['control'];
    targets: ControlTargets;
    roleFile: string | undefined;
    fallback: Role | undefined;
  }) {
    this.#log = parts.log;
    this.#settings = parts.settings;
    this.#targets = parts.targets;
    this.#roles = parseRoles(parts.roleFile ?? '');
    checkRoles(this.#roles);
    this.#fallback = parts.fallback;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => response.destroy(error));
    });
  }

  /** Listens; gives back what went wrong: an address that is taken leaves the program without VPN (recorded). */
  async start(): Promise<string | undefined> {
    const failed = await listen(this.#server, this.#settings.address);
    const shown = this.#settings.address.startsWith(':') ? `[::]${this.#settings.address}` : this.#settings.address;
    if (!failed) this.#log.info(`http server listening on ${shown}`);
    return failed;
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = process.hrtime.bigint();
    const body = await readBody(request);
    const result = await this.#decide(request, body);
    const more = { ...(result.location ? { Location: result.location } : {}), ...result.headers };
    answer(response, result.status, result.body, result.kind, more);
    if (!this.#settings.log) return;
    const micros = Number(process.hrtime.bigint() - began) / 1000;
    const to = `${request.socket.remoteAddress?.replace('::ffff:', '')}:${request.socket.remotePort}`;
    const size = Buffer.byteLength(result.body);
    this.#log.info(
      `${result.status} ${request.method} ${request.url} wrote ${size}B to ${to} in ${micros.toFixed(3)}µs`,
    );
  }

  async #decide(request: IncomingMessage, body: string): Promise<Answer & { headers?: Record<string, string> }> {
    const [path = '', query] = (request.url ?? '').split('?');
    const route = `${request.method} ${path}`;
    const apikey = request.headers['x-api-key'];
    const credentials = { apikey: String(apikey ?? ''), authorization: request.headers.authorization };
    const verdict = authorize(route, this.#roles, this.#fallback, credentials);
    if (!verdict.pass) {
      const headers = verdict.basic ? { 'Www-Authenticate': 'Basic realm="restricted", charset="UTF-8"' } : {};
      return { status: 401, body: 'Unauthorized\n', kind: 'error', headers };
    }
    if (verdict.unprotected) this.#warn(route);
    if (query !== undefined && knownRoutes.includes(route)) {
      const rest = path.split('/').at(-1);
      return { status: 400, body: `route /${rest}?${query} not supported\n`, kind: 'error' };
    }
    return serve(route, this.#targets, body);
  }

  #warn(route: string): void {
    if (this.#warned.has(route)) return;
    this.#warned.add(route);
    this.#log.warn(
      `route ${route} is unprotected by default, please set up authentication following the documentation at https://github.com/qdm12/gluetun-wiki since this will become no longer publicly accessible after release v3.40.`,
    );
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
