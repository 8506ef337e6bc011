/** @module IPv4 and IPv6 addresses as branded strings in their canonical spelling. */
import { isIP } from 'node:net';
import { Refusal } from './refusal.ts';

declare const ipv4: unique symbol;
declare const ipv6: unique symbol;
/** A dotted IPv4 address, made only by {@link parseIpv4}. */
export type Ipv4 = string & { readonly [ipv4]: true };
/** An IPv6 address as RFC 5952 spells it, made only by {@link parseIp}. */
export type Ipv6 = string & { readonly [ipv6]: true };
/** An address of either family. */
export type Ip = Ipv4 | Ipv6;

/**
 * Reads an IPv4 address.
 * @throws Refusal for anything else, leading zeros included
 * @example parseIpv4('10.152.183.10')
 */
export function parseIpv4(text: string): Ipv4 {
  if (isIP(text) !== 4) throw new Refusal(text, 'is not an IPv4 address: write e.g. 10.152.183.10');
  return text as Ipv4;
}

/**
 * Reads an address of either family; IPv6 comes back in its canonical spelling. Zones and IPv4-mapped addresses are refused.
 * @throws Refusal
 * @example parseIp('fd00:0:0::1') // 'fd00::1'
 */
export function parseIp(text: string): Ip {
  const family = isIP(text);
  if (family === 4) return text as Ipv4;
  if (family !== 6 || text.includes('%') || text.includes('.')) {
    throw new Refusal(text, 'is not an address: write e.g. 10.152.183.10 or fd00::1');
  }
  // Why a URL: its serializer is RFC 5952 without the dotted tails that inet_ntop gives to ::1:0 and its like.
  return new URL(`http://[${text}]/`).hostname.slice(1, -1) as Ipv6;
}

/** 4 or 6. */
export function familyOf(ip: Ip): 4 | 6 {
  return ip.includes(':') ? 6 : 4;
}

/** How many bits an address of this family has. */
export function bitsOf(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The address as a number, for arithmetic. */
export function numberOf(ip: Ip): bigint {
  if (familyOf(ip) === 4) return ip.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const [head = '', tail] = ip.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const middle = Array(tail === undefined ? 0 : 8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** The address with this number; the inverse of {@link numberOf}. */
export function addressOf(value: bigint, family: 4 | 6): Ip {
  const step = family === 4 ? 8n : 16n;
  const parts = Array.from({ length: family === 4 ? 4 : 8 }, (_, i) => {
    const shift = step * BigInt((family === 4 ? 3 : 7) - i);
    return Number((value >> shift) & ((1n << step) - 1n));
  });
  return family === 4 ? (parts.join('.') as Ipv4) : parseIp(parts.map((group) => group.toString(16)).join(':'));
}

/**
 * The hardware address that follows from an overlay address: locally administered, then its four bytes.
 * @example macOf(parseIpv4('172.16.0.1')) // '02:00:ac:10:00:01'
 */
export function macOf(ip: Ipv4): string {
  const bytes = ip.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}
