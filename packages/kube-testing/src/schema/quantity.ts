/** @module Writes resource quantities the way the server stores them (apimachinery, pkg/api/resource/quantity.go). */

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Steps of 1000, in thousandths of nano: the exponent of each suffix. */
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const form = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

/**
 * The canonical form: no fraction, the largest suffix that keeps it whole. Undefined when the text is no quantity.
 *
 * @example canonicalQuantity('1024Mi') // '1Gi'
 * @example canonicalQuantity('0.5') // '500m'
 */
export function canonicalQuantity(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = form.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  if (digits === 0n) return '0';
  const prefix = sign === '-' ? '-' : '';
  const steps = binary.indexOf(suffix);
  const factor = steps > 0 ? 1024n ** BigInt(steps) : 1n;
  const scale = 10n ** BigInt(fraction.length);
  if (steps > 0 && (digits * factor) % scale === 0n) return prefix + binaryForm((digits * factor) / scale);
  return prefix + decimalForm(digits * factor, exponentOf(suffix) - fraction.length);
}

function exponentOf(suffix: string): number {
  return /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : (decimal[suffix] ?? 0);
}

function binaryForm(value: bigint): string {
  let left = value;
  let step = 0;
  while (left % 1024n === 0n && step < binary.length - 1) {
    left /= 1024n;
    step++;
  }
  return `${left}${binary[step]}`;
}

/** Anything finer than nano is rounded up, as the real server does. */
function decimalForm(digits: bigint, exponent: number): string {
  const nano = exponent >= -9 ? digits * 10n ** BigInt(exponent + 9) : roundUp(digits, -9 - exponent);
  const suffixes = Object.entries(decimal).reverse();
  for (const [suffix, power] of suffixes) {
    const unit = 10n ** BigInt(power + 9);
    if (nano % unit === 0n) return `${nano / unit}${suffix}`;
  }
  return `${nano}n`;
}

function roundUp(digits: bigint, places: number): bigint {
  const divisor = 10n ** BigInt(places);
  return (digits + divisor - 1n) / divisor;
}
