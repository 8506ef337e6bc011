/** @module Time as Pebble writes it: nanoseconds, and never the same twice. */

const started = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
let last = 0n;

/**
 * Nanoseconds since 1970, strictly later than every answer before.
 *
 * Why strictly: whoever polls notices asks for those after the last one seen; two at the same instant would lose one.
 */
export function now(): bigint {
  const read = started + process.hrtime.bigint();
  last = read > last ? read : last + 1n;
  return last;
}

/** RFC 3339 in UTC as Go's RFC3339Nano: no zeros at the end of the fraction. */
export function rfc3339(nanoseconds: bigint): string {
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${seconds(nanoseconds)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** RFC 3339 in UTC to the second, as in task logs and file times. */
export function rfc3339Seconds(nanoseconds: bigint): string {
  return `${seconds(nanoseconds)}Z`;
}

/** RFC 3339 in UTC to the millisecond, as in service logs. */
export function rfc3339Millis(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString();
}

/** Nanoseconds of an RFC 3339 time with any fraction and offset; undefined when it is none. */
export function parseTime(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

function seconds(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
}
