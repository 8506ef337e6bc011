/** @module Values of environment variables as a Go program reads them, with Go's words for what is wrong. */

import { isIPv6 } from 'node:net';

/** A value that cannot be taken; the message is what Go's standard library says. */
export class BadValue extends Error {}

/** Words joined as `a, b or c`. */
export function orList(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Refuses a value outside the choices. @throws BadValue */
export function oneOf(value: string | number, choices: readonly (string | number)[]): void {
  if (choices.includes(value)) return;
  throw new BadValue(`value is not one of the possible choices: ${value} must be one of ${orList(choices)}`);
}

const TRUE = ['enabled', 'yes', 'on', 'true'];
const FALSE = ['disabled', 'no', 'off', 'false'];

/** A switch, in any case. @throws BadValue */
export function parseSwitch(text: string): boolean {
  const word = text.toLowerCase();
  oneOf(word, [...TRUE, ...FALSE]);
  return TRUE.includes(word);
}

/** An unsigned number of at most 16 bits (strconv.ParseUint). @throws BadValue */
export function parseUint16(text: string): number {
  if (!/^\d+$/.test(text)) throw new BadValue(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (value > 65535) throw new BadValue(`value is not in range: ${text} is not between 0 and 65535`);
  return value;
}

/** An IP address (netip.ParseAddr). @throws BadValue */
export function parseAddr(text: string): string {
  const fail = (why: string) => new BadValue(`ParseAddr(${JSON.stringify(text)}): ${why}`);
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return parseDotted(text, fail);
  if (first === ':' && isIPv6(text)) return text;
  throw fail(first === ':' ? 'each colon-separated field must have at least one digit' : 'unable to parse IP');
}

function parseDotted(text: string, fail: (why: string) => BadValue): string {
  const bad = /[^0-9.]/.exec(text);
  if (bad) throw fail(`unexpected character (at ${JSON.stringify(text.slice(bad.index))})`);
  const fields = text.split('.');
  if (fields.length < 4) throw fail('IPv4 address too short');
  if (fields.length > 4) throw fail('IPv4 address too long');
  if (fields.includes('')) throw fail('IPv4 field must have at least one digit');
  if (fields.some((field) => Number(field) > 255)) throw fail('IPv4 field has value >255');
  return text;
}

/** A range (netip.ParsePrefix); host bits stay. @throws BadValue */
export function parsePrefix(text: string): string {
  const fail = (why: string) => new BadValue(`netip.ParsePrefix(${JSON.stringify(text)}): ${why}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) throw fail("no '/'");
  const address = text.slice(0, slash);
  try {
    parseAddr(address);
  } catch (error) {
    throw fail((error as Error).message);
  }
  const bits = text.slice(slash + 1);
  if (!/^\d+$/.test(bits)) throw fail(`bad bits after slash: ${JSON.stringify(bits)}`);
  if (Number(bits) > (address.includes(':') ? 128 : 32)) throw fail('prefix length out of range');
  return text;
}

const UNITS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration in milliseconds (time.ParseDuration). @throws BadValue */
export function parseDuration(text: string): number {
  const fail = (why: string) => new BadValue(`time: ${why} ${JSON.stringify(text)}`);
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (/^[\d.]+$/.test(body)) throw fail('missing unit in duration');
  const parts = [...body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== body) throw fail('invalid duration');
  return sign * parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] as string] as number), 0);
}

/** Bytes of base64 in Go's standard encoding, which wants its padding. @throws BadValue */
export function decodeBase64(text: string): Buffer {
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  const whole = text.length - (text.length % 4);
  const at = bad ? bad.index : text.length % 4 === 0 ? -1 : whole;
  if (at >= 0) throw new BadValue(`illegal base64 data at input byte ${at}`);
  return Buffer.from(text, 'base64');
}

/** Checks a WireGuard key (wgtypes.ParseKey). @throws BadValue */
export function checkKey(text: string): void {
  let bytes: Buffer;
  try {
    bytes = decodeBase64(text);
  } catch (error) {
    throw new BadValue(`wgtypes: failed to parse base64-encoded key: ${(error as Error).message}`);
  }
  if (bytes.length !== 32) throw new BadValue(`wgtypes: incorrect key size: ${bytes.length}`);
}

/** Checks `host:port` as net.SplitHostPort does. @throws BadValue */
export function checkListen(text: string): void {
  if (!text.includes(':')) throw new BadValue(`address ${text}: missing port in address`);
}

/** Runs `read` and puts a prefix before what it says is wrong. @throws BadValue */
export function within<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadValue) throw new BadValue(`${prefix}: ${error.message}`);
    throw error;
  }
}
