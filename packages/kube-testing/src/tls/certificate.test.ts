/** @module The certificates are judged by Node's own TLS, by name and by address of both families. */
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueServerCertificate } from './certificate.ts';

const names = ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '::1', 'fd00:10:152:183::1', '10.152.183.1'];
const { ca, server } = issueServerCertificate(names);
const certificate = new X509Certificate(server.cert);

test('the authority signed the server, and itself, and is an authority', () => {
  const root = new X509Certificate(ca);
  expect([root.ca, certificate.ca]).toEqual([true, false]);
  expect([root.verify(root.publicKey), certificate.verify(root.publicKey), certificate.checkIssued(root)]).toEqual([
    true,
    true,
    true,
  ]);
});

test.each(['127.0.0.1', '::1', 'fd00:10:152:183::1', '10.152.183.1'])('address %s', (address) => {
  expect(certificate.checkIP(address)).toBe(address);
});

test('other addresses and names do not fit', () => {
  expect([certificate.checkIP('10.0.0.1'), certificate.checkHost('example.org')]).toEqual([undefined, undefined]);
});

test('two authorities do not trust each other', () => {
  expect(certificate.verify(new X509Certificate(issueServerCertificate(names).ca).publicKey)).toBe(false);
});

describe('in a handshake', () => {
  const listener = createServer({ cert: server.cert, key: server.key });
  beforeAll(() => new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve)));
  afterAll(() => listener.close());

  const shake = (servername: string, trusted: string) =>
    new Promise<string>((resolve) => {
      const { port } = listener.address() as AddressInfo;
      const socket = connect({ host: '127.0.0.1', port, ca: trusted, servername }, () => {
        resolve('trusted');
        socket.destroy();
      });
      socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    });

  test.each([
    { name: 'the right name', servername: 'kubernetes.default.svc', trusted: ca, result: 'trusted' },
    { name: 'another name', servername: 'example.org', trusted: ca, result: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    {
      name: 'another authority',
      servername: 'localhost',
      trusted: issueServerCertificate(names).ca,
      result: /SIGNATURE|SELF_SIGNED|UNABLE/,
    },
  ])('$name', async ({ servername, trusted, result }) => {
    expect(await shake(servername, trusted)).toMatch(result);
  });
});
