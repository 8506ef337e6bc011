/** @module Whatever is or is not behind the socket, the error says which. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Pebble, PebbleError, PebbleUnreachable } from './index.ts';
import { ask, query } from './wire.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pebble-wire-'));
  writeFileSync(join(dir, 'file'), '');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function answering(name: string, listener: RequestListener): Promise<string> {
  const path = join(dir, name);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return path;
}

test.each([
  { name: 'no socket', file: 'none', code: 'ENOENT' },
  { name: 'a file that is no socket', file: 'file', code: 'ECONNREFUSED' },
])('$name is PebbleUnreachable with $code', async ({ file, code }) => {
  const error = await new Pebble(join(dir, file)).systemInfo().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PebbleUnreachable);
  expect(error).toMatchObject({ code, message: `Pebble does not answer on ${dir}/${file}: ${code}` });
});

test('a Pebble that says nothing is unreachable after the idle time', async () => {
  const path = await answering('silent', () => undefined);
  await expect(ask(path, { method: 'GET', path: '/', idleMs: 50 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});

test('an answer that breaks off is unreachable', async () => {
  const path = await answering('broken', (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('{');
    setImmediate(() => response.destroy());
  });
  await expect(ask(path, { method: 'GET', path: '/' })).rejects.toBeInstanceOf(PebbleUnreachable);
});

test('an answer that is not Pebble is a PebbleError with what was seen', async () => {
  const path = await answering('html', (_, response) => response.writeHead(503).end('<html>busy</html>'));
  const error = await ask(path, { method: 'GET', path: '/v1/plan?x=1' }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PebbleError);
  expect((error as Error).message).toBe(
    `GET /v1/plan answered 503 with "<html>busy</html>", which is not Pebble's JSON`,
  );
});

test.each([
  { values: {}, text: '' },
  { values: { names: [], level: undefined }, text: '' },
  { values: { names: ['a', 'b&c'], n: -1, itself: true }, text: '?names=a%2Cb%26c&n=-1&itself=true' },
])('the query of $values is $text', ({ values, text }) => {
  expect(query(values)).toBe(text);
});
