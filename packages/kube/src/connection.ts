/** @module Sends prepared requests over TLS and reads the answers; holds the one keep-alive agent. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Agent } from 'node:https';
import { type ApiError, errorFor, Unreachable } from './errors.ts';
import type { KubeRequest } from './request.ts';
import { retryDelay } from './retry.ts';

/** Where the server is and how to be let in. */
export interface ConnectionOptions {
  /** For example `https://10.152.183.1:443` or `https://[fd00::1]:443`. */
  readonly url: string;
  /** The bearer token, or a function that reads it anew for each request (tokens in pods are renewed). */
  readonly token: string | (() => string);
  /** PEM of the authority that signed the server's certificate; Node's own list when missing. */
  readonly ca?: string | undefined;
  /** Milliseconds for a whole request, 10000 by default; a watch is not bounded by it. */
  readonly timeoutMs?: number | undefined;
  /** How many connections there may be at once, no limit by default; each watch occupies one. */
  readonly connections?: number | undefined;
  /** Named in the server's audit log and in `managedFields` where no fieldManager is given. */
  readonly userAgent?: string | undefined;
}

/** One connection to one API server. */
export class Connection {
  readonly #options: ConnectionOptions;
  #agent: Agent | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Sends, repeats where that is safe, and answers the parsed body; throws an ApiError. */
  async send(request: KubeRequest): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request);
      } catch (error) {
        const wait = retryDelay(request, error as ApiError, attempt);
        if (wait === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /** Opens a stream and hands out its response once the server has accepted; throws an ApiError. */
  async open(request: KubeRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs ?? 10_000);
    const response = await this.#exchange(request, signal, limit);
    if (isError(response)) throw await this.#failure(request, response);
    return response;
  }

  /** Closes idle connections, so that a long-lived process can end. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #once(request: KubeRequest): Promise<unknown> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? 10_000);
    const response = await this.#exchange(request, signal);
    if (isError(response)) throw await this.#failure(request, response);
    return this.#body(request, response);
  }

  /** `limit` bounds only the wait for the headers, `signal` the whole exchange. */
  async #exchange(request: KubeRequest, signal?: AbortSignal, limit?: AbortSignal): Promise<IncomingMessage> {
    const https = await import('node:https');
    this.#agent ??= new https.Agent({
      keepAlive: true,
      maxSockets: this.#options.connections ?? Number.POSITIVE_INFINITY,
      ...(this.#options.ca ? { ca: this.#options.ca } : {}),
    });
    const options = {
      method: request.method,
      headers: this.#headers(request),
      agent: this.#agent,
      ...(signal && { signal }),
    };
    try {
      return await exchange(
        (done) => https.request(this.#url(request), options satisfies RequestOptions, done),
        request,
        limit,
      );
    } catch (error) {
      throw new Unreachable(this.#options.url, signal?.aborted ? signal.reason : error, request);
    }
  }

  #url(request: KubeRequest): URL {
    return new URL(`${this.#options.url.replace(/\/$/, '')}${request.path}`);
  }

  #headers(request: KubeRequest): Record<string, string> {
    const { token, userAgent } = this.#options;
    const bearer = typeof token === 'function' ? token() : token;
    return { ...request.headers, authorization: `Bearer ${bearer}`, 'user-agent': userAgent ?? 'vpn-k8s' };
  }

  async #failure(request: KubeRequest, response: IncomingMessage): Promise<ApiError> {
    const error = errorFor(response.statusCode ?? 0, await this.#body(request, response), request);
    const after = Number(response.headers['retry-after']);
    if (after > 0) error.status.details = { ...error.status.details, retryAfterSeconds: after };
    return error;
  }

  /** Half a body is no answer: the caller cannot know whether a write was done. */
  async #body(request: KubeRequest, response: IncomingMessage): Promise<unknown> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const json = (response.headers['content-type'] ?? '').includes('json');
      return json ? JSON.parse(text) : text;
    } catch (error) {
      throw new Unreachable(this.#options.url, error, request);
    }
  }
}

const isError = (response: IncomingMessage) => (response.statusCode ?? 0) >= 400;

function exchange(
  start: (done: (response: IncomingMessage) => void) => ClientRequest,
  request: KubeRequest,
  limit?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = start(resolve);
    const expire = () => outgoing.destroy(limit?.reason as Error);
    limit?.addEventListener('abort', expire, { once: true });
    outgoing.on('response', () => limit?.removeEventListener('abort', expire));
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}
