/** @module A DNS server over UDP and TCP around a function that knows the answers. */

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { type Answer, type Question, readQuestion, writeAnswer } from './message.ts';

/** Gives the answer to a question, or passes the whole query on and gives back the other server's message. */
export type Resolve = (question: Question, query: Buffer) => Promise<Answer | Buffer>;

/** Listens on `host`:53 over UDP and TCP (RFC 7766) and answers by `resolve`. */
export function serveDns(host: string, resolve: Resolve): void {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    void respond(query, resolve).then((message) => message && socket.send(message, from.port, from.address));
  });
  socket.bind(53, host);
  createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.on('data', (data) => {
      void respond(data.subarray(2), resolve).then((message) => {
        if (!message) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(message.length);
        connection.end(Buffer.concat([length, message]));
      });
    });
  }).listen(53, host);
}

async function respond(query: Buffer, resolve: Resolve): Promise<Buffer | undefined> {
  try {
    const question = readQuestion(query);
    const answer = await resolve(question, query);
    return Buffer.isBuffer(answer) ? answer : writeAnswer(question, answer);
  } catch {
    return undefined;
  }
}

/** Asks another server over UDP; undefined when it does not answer within the time. */
export function forwardQuery(server: string, query: Buffer, timeoutMs = 2000): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (message?: Buffer) => {
      clearTimeout(timer);
      socket.close();
      resolve(message);
    };
    const timer = setTimeout(() => end(), timeoutMs);
    socket.on('message', (message) => end(message));
    socket.on('error', () => end());
    socket.send(query, 53, server);
  });
}
