/** @module gluetun's health server: the result of the last check for any path, whether the VPN runs or not (recorded). */

import { createServer, type Server } from 'node:http';
import { answer, listen } from '../control/http.ts';
import type { Log } from '../log.ts';

/** What the health server tells; `undefined` is healthy. */
export class HealthServer {
  readonly #log: Log;
  #problem: string | undefined = 'healthcheck did not run yet';
  #server: Server | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Sets the result of the last check. */
  set(problem: string | undefined): void {
    this.#problem = problem;
  }

  /** Listens; an address that is taken is logged and leaves the program without a health server (recorded). */
  async start(address: string): Promise<void> {
    const server = createServer((request, response) => {
      request.resume();
      if (request.method !== 'GET') answer(response, 400, 'method not supported for healthcheck\n', 'error');
      else if (this.#problem === undefined) answer(response, 200, '', 'empty');
      else answer(response, 500, `${this.#problem}\n`, 'error');
    });
    const failed = await listen(server, address);
    if (failed) {
      this.#log.error(failed);
      return;
    }
    this.#server = server;
    this.#log.info(`listening on ${address}`);
  }

  /** Stops listening. */
  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}
