/** @module The control server's client: our role file, answers as recorded, and everything that may go wrong without an error. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { keyOf, readControl, roleFile, silent } from './control.ts';

const KEY = 'A'.repeat(43);
const EXIT = '{"public_ip":"203.0.113.5","country":"Labland","city":"Labcity","location":"52.5,4.9"}\n';
let server: Server | undefined;

afterEach(() => server?.close());

async function listening(handler: RequestListener): Promise<string> {
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answers =
  (vpn: string, exit: string, code = 200): RequestListener =>
  (request, response) => {
    const known = request.headers['x-api-key'] === KEY;
    response.statusCode = known ? code : 401;
    response.end(!known ? 'Unauthorized\n' : request.url === '/v1/vpn/status' ? vpn : exit);
  };

test('status and exit of a running tunnel', async () => {
  const address = await listening(answers('{"status":"running"}\n', EXIT));
  const wanted = { status: 'running', publicIp: '203.0.113.5', country: 'Labland', city: 'Labcity' };
  expect(await readControl(address, KEY)).toEqual(wanted);
});

test('an empty address is no address', async () => {
  const address = await listening(answers('{"status":"crashed"}\n', '{"public_ip":""}\n'));
  expect(await readControl(address, KEY)).toEqual({ ...silent, status: 'crashed' });
});

test.each<[string, RequestListener]>([
  ['another key', answers('{"status":"running"}', EXIT, 401)],
  ['what is not JSON', answers('<html>', EXIT)],
  ['megabytes', answers(`{"status":"${'x'.repeat(1 << 20)}"}`, EXIT)],
  ['a broken connection', (request) => request.socket.destroy()],
])('%s is silence', async (_, handler) => {
  expect(await readControl(await listening(handler), KEY)).toEqual(silent);
});

test('nobody listening, or no key yet, is silence', async () => {
  expect(await readControl('127.0.0.1:9', KEY)).toEqual(silent);
  expect(await readControl('127.0.0.1:9', undefined)).toEqual(silent);
});

test('a place that an echo service made up cannot break a status line', async () => {
  const hostile = JSON.stringify({ public_ip: '203.0.113.5', country: `a\n\u001b[31m${'b'.repeat(200)}`, city: 7 });
  const control = await readControl(await listening(answers('{"status":"running"}', hostile)), KEY);
  expect(control.country).toMatch(/^[\w ]{1,60}$/);
  expect(control.city).toBeUndefined();
});

test('the role opens two routes, and its key can be read back from our file only', () => {
  expect(roleFile(KEY)).toBe(
    `[[roles]]\nname = "vpn-k8s"\nauth = "apikey"\napikey = "${KEY}"\nroutes = ["GET /v1/vpn/status", "GET /v1/publicip/ip"]\n`,
  );
  expect(keyOf(roleFile(KEY))).toBe(KEY);
  expect(keyOf(roleFile(KEY).replace('publicip/ip', 'vpn/settings'))).toBeUndefined();
  expect(keyOf(undefined)).toBeUndefined();
});
