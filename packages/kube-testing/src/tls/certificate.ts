/** @module Issues a certificate authority and a server certificate (RFC 5280), because Node can check X.509 but not make it. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, context, integer, octets, oid, sequence, set, utcTime, utf8 } from './der.ts';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What a server needs (`server`) and what its clients trust (`ca`). */
export interface Authority {
  readonly ca: string;
  readonly server: Certificate;
}

interface Party {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * Makes an authority and a server certificate for host names and addresses (IPv4, IPv6), valid for ten years from yesterday.
 *
 * @example issueServerCertificate(['127.0.0.1', '::1', 'localhost'])
 */
export function issueServerCertificate(names: readonly string[]): Authority {
  const root = party('vpn-k8s stand-in authority');
  const server = party('kube-apiserver');
  const ca = pem('CERTIFICATE', certificate(root, root, authorityExtensions(root)));
  const cert = pem('CERTIFICATE', certificate(server, root, serverExtensions(server, root, names)));
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { ca, server: { cert, key } };
}

const party = (name: string): Party => ({ name, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
const spki = (of: Party) => of.publicKey.export({ type: 'spki', format: 'der' });
const keyId = (of: Party) => createHash('sha1').update(spki(of)).digest();
const distinguishedName = (name: string) => sequence(set(sequence(oid('2.5.4.3'), utf8(name))));
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

function certificate(subject: Party, issuer: Party, extensions: Buffer[]): Buffer {
  const day = 24 * 3600 * 1000;
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(randomBytes(12)),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(utcTime(new Date(Date.now() - day)), utcTime(new Date(Date.now() + 3650 * day))),
    distinguishedName(subject.name),
    spki(subject),
    context(3, sequence(...extensions)),
  );
  return sequence(toBeSigned, ecdsaWithSha256, bits(sign('sha256', toBeSigned, issuer.privateKey)));
}

const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
const subjectKey = (of: Party) => extension('2.5.29.14', false, octets(keyId(of)));
const issuerKey = (of: Party) => extension('2.5.29.35', false, sequence(context(0, keyId(of), false)));

function authorityExtensions(root: Party): Buffer[] {
  const keyCertSign = bits(Buffer.from([0x04]), 2);
  return [
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.15', true, keyCertSign),
    subjectKey(root),
    issuerKey(root),
  ];
}

function serverExtensions(server: Party, root: Party, names: readonly string[]): Buffer[] {
  const digitalSignature = bits(Buffer.from([0x80]), 7);
  const serverAuth = oid('1.3.6.1.5.5.7.3.1');
  return [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, digitalSignature),
    extension('2.5.29.37', false, sequence(serverAuth)),
    extension('2.5.29.17', false, sequence(...names.map(generalName))),
    subjectKey(server),
    issuerKey(root),
  ];
}

function generalName(name: string): Buffer {
  if (isIP(name) === 0) return context(2, Buffer.from(name), false);
  return context(7, Buffer.from(isIP(name) === 4 ? name.split('.').map(Number) : ipv6Bytes(name)), false);
}

/** The 16 bytes of an IPv6 address in its usual forms (no embedded IPv4, no zone). */
function ipv6Bytes(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]);
}

function pem(label: string, der: Buffer): string {
  const body = der.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}
