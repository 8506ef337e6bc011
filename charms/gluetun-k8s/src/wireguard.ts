/** @module WireGuard's own values: keys and interface addresses. */

import { bitsOf, familyOf, parseIp, Refusal } from '@vpn-k8s/net';

/** Whether a text is a WireGuard key: 32 bytes in base64 with padding. */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);
}

/**
 * Reads a public key.
 * @throws Refusal
 */
export function parsePublicKey(text: string): string {
  if (isKey(text)) return text;
  throw new Refusal(text, 'is not a WireGuard key: 44 characters of base64, as `wg pubkey` prints it');
}

/**
 * Reads interface addresses, each with a prefix; host bits stay, a missing prefix means one address.
 * @throws Refusal
 * @example parseAddresses('10.64.0.2/32, fd00::2') // ['10.64.0.2/32', 'fd00::2/128']
 */
export function parseAddresses(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseAddress);
}

function parseAddress(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const ip = parseIp(address);
  const bits = bitsOf(familyOf(ip));
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (rest.length === 0 && length >= 1 && length <= bits) return `${ip}/${length}`;
  throw new Refusal(text, 'is not an interface address: write e.g. 10.64.0.2/32');
}
