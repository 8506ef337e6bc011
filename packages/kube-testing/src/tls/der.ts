/** @module The few ASN.1 values (in DER, ITU-T X.690) that a certificate is made of. */

/** One tag, its length and its content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthBytes(body.length), body]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

/** SEQUENCE. */
export const sequence = (...content: readonly Uint8Array[]) => element(0x30, ...content);
/** SET. */
export const set = (...content: readonly Uint8Array[]) => element(0x31, ...content);
/** OCTET STRING. */
export const octets = (content: Uint8Array) => element(0x04, content);
/** BOOLEAN. */
export const boolean = (value: boolean) => element(0x01, Buffer.from([value ? 0xff : 0]));
/** A bit string without unused bits, or with `unused` ones at its end. */
export const bits = (content: Uint8Array, unused = 0) => element(0x03, Buffer.from([unused]), content);
/** UTF8String. */
export const utf8 = (text: string) => element(0x0c, Buffer.from(text));
/** A context-specific value: `constructed` ones hold other values. */
export const context = (number: number, content: Uint8Array, constructed = true) =>
  element((constructed ? 0xa0 : 0x80) | number, content);

/** A non-negative integer: no leading zero byte but the one that keeps it positive (readers refuse others as padding). */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  const positive = (shortest[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest;
  return element(0x02, positive);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** UTCTime, good until 2049. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}
