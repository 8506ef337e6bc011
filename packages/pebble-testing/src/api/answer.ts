/** @module Requests and answers of the API, in Pebble's envelope. */
import type { IncomingMessage } from 'node:http';

/** What a handler gives back; `body` is sent as it is. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** What a handler gets. */
export interface Incoming {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The variable pieces of the path. */
  readonly params: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Aborted when the asker goes away. */
  readonly gone: AbortSignal;
}

/** An answer of type error; handlers throw it. */
export class Refusal extends Error {
  readonly status: number;
  readonly kind: string;

  constructor(status: number, message: string, kind = '') {
    super(message);
    this.status = status;
    this.kind = kind;
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
};

/** An answer of type sync. */
export function sync(result: unknown, status = 200): Answer {
  return json(status, { type: 'sync', 'status-code': status, status: statusTexts[status], result });
}

/** An answer of type async: the change is under way. */
export function async(change: string, result: unknown = null): Answer {
  return json(202, { type: 'async', 'status-code': 202, status: statusTexts[202], change, result });
}

/** The answer to a refused request; any other error becomes 500. */
export function refused(error: unknown): Answer {
  const { status, message, kind } =
    error instanceof Refusal ? error : { status: 500, message: String(error), kind: '' };
  const result = { message, ...(kind === '' ? {} : { kind }) };
  return json(status, { type: 'error', 'status-code': status, status: statusTexts[status] ?? '', result });
}

/** The body as JSON; throws Refusal as Pebble does when it is none. */
export function jsonBody(request: Incoming, what = 'data from request body'): Record<string, unknown> {
  try {
    return JSON.parse(request.body.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    const reason = request.body.length === 0 ? 'EOF' : (error as Error).message;
    throw new Refusal(400, `cannot decode ${what}: ${reason}`);
  }
}

/** A query parameter that holds names separated by commas. */
export function names(request: Incoming, key: string): string[] {
  return request.query.getAll(key).flatMap((value) =>
    value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
}

/** A list of texts from a JSON body; a missing one is empty. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}
