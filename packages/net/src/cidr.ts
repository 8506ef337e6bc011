/** @module Ranges of addresses (CIDR) and sets of them. */
import { addressOf, bitsOf, familyOf, type Ip, numberOf, parseIp } from './address.ts';
import { Refusal } from './refusal.ts';

declare const cidr: unique symbol;
/** A range in canonical spelling (`10.1.0.0/16`, host bits cleared), made only by {@link parseCidr} and {@link hostCidr}. */
export type Cidr = string & { readonly [cidr]: true };

/** How many ranges one list may hold; real clusters have less than ten. */
export const MAX_RANGES = 64;

const NOT_A_RANGE = 'is not a range: write an address and a prefix length, e.g. 10.1.0.0/16';

/**
 * Reads a range; a bare address is a range of one, and host bits are cleared. A prefix below 8 (IPv4) or 7 (IPv6) is refused:
 * `0.0.0.0/0`, or a half of it, would take everything out of the tunnel.
 * @throws Refusal
 * @example parseCidr('10.1.2.3/16') // '10.1.0.0/16'
 */
export function parseCidr(text: string): Cidr {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0) throw new Refusal(text, NOT_A_RANGE);
  const ip = readAddress(address, text);
  const bits = bitsOf(familyOf(ip));
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (length < 0 || length > bits) throw new Refusal(text, NOT_A_RANGE);
  const shortest = bits === 32 ? 8 : 7;
  if (length < shortest) throw new Refusal(text, `is too wide: the shortest prefix taken is /${shortest}`);
  return rangeOf(ip, length);
}

function readAddress(address: string, whole: string): Ip {
  try {
    return parseIp(address);
  } catch {
    throw new Refusal(whole, NOT_A_RANGE);
  }
}

function rangeOf(ip: Ip, length: number): Cidr {
  const family = familyOf(ip);
  const host = BigInt(bitsOf(family) - length);
  return `${addressOf((numberOf(ip) >> host) << host, family)}/${length}` as Cidr;
}

/** The range that holds one address only: `/32` or `/128`. */
export function hostCidr(ip: Ip): Cidr {
  return rangeOf(ip, bitsOf(familyOf(ip)));
}

/**
 * Reads a list of ranges, separated by commas or blanks, and brings it into one order without repetitions.
 * @throws Refusal for the first that is not a range, and for more than {@link MAX_RANGES}
 * @example parseCidrs('10.152.183.0/24, 10.1.0.0/16') // ['10.1.0.0/16', '10.152.183.0/24']
 */
export function parseCidrs(text: string): Cidr[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length > MAX_RANGES) throw new Refusal(text, `has ${parts.length} ranges: at most ${MAX_RANGES} are taken`);
  return smallest(parts.map(parseCidr));
}

/** First and last address of a range as numbers, and its family. */
export function boundsOf(range: Cidr): { family: 4 | 6; first: bigint; last: bigint } {
  const [address, length] = range.split('/') as [Ip, string];
  const family = familyOf(address);
  const first = numberOf(address);
  return { family, first, last: first + (1n << BigInt(bitsOf(family) - Number(length))) - 1n };
}

/** True when every address of `inner` is in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  const [a, b] = [boundsOf(outer), boundsOf(inner)];
  return a.family === b.family && a.first <= b.first && b.last <= a.last;
}

/** True when the two ranges share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}

/** The ranges without those that another one holds, in order of family and address: the same set, always spelled the same. */
export function smallest(ranges: readonly Cidr[]): Cidr[] {
  const unique = [...new Set(ranges)];
  return unique.filter((range) => !unique.some((other) => other !== range && contains(other, range))).sort(inOrder);
}

function inOrder(one: Cidr, other: Cidr): number {
  const [a, b] = [boundsOf(one), boundsOf(other)];
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

/** Why not parsed: reading the first IPv6 address costs Node 4 ms, in every hook. */
const OWN_USE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '198.18.0.0/15',
  'fc00::/7',
  'fe80::/10',
] as readonly string[] as readonly Cidr[];

/**
 * True when a range lies in address space that no public host has (RFC 1918, 6598, 3927, 2544, 4193, 4291): what another
 * party may ask to keep outside the tunnel.
 */
export function isOwnUse(range: Cidr): boolean {
  return OWN_USE.some((own) => contains(own, range));
}
