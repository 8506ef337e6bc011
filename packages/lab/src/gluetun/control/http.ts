/** @module Answers with exactly the headers that Go's net/http sends. */

import type { Server, ServerResponse } from 'node:http';

/** JSON is sent as text/plain (recorded); errors carry nosniff; `empty` has no Content-Type. */
export type AnswerKind = 'text' | 'error' | 'html' | 'empty';

/** Sends one whole answer. Why the order: it is the recorded one. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  kind: AnswerKind = 'text',
  more: Readonly<Record<string, string>> = {},
): void {
  response.statusCode = status;
  response.removeHeader('Connection');
  if (kind !== 'empty') {
    response.setHeader('Content-Type', kind === 'html' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8');
  }
  for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
  if (kind === 'error') response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

/** Listens on Go's form of an address (`:8000`, `127.0.0.1:9999`); gives back what went wrong, in Go's words. */
export function listen(server: Server, address: string): Promise<string | undefined> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(at + 1));
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      resolve(`listen tcp ${address}: bind: ${taken ? 'address already in use' : error.message}`);
    });
    server.listen(port, ...(host ? [host] : []), () => resolve(undefined));
  });
}
