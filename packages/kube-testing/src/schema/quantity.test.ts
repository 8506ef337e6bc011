/** @module Canonical quantities, as the documentation of apimachinery's resource package defines them. */
import { expect, test } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

test.each([
  ['1024Mi', '1Gi'],
  ['64Mi', '64Mi'],
  ['1.5Gi', '1536Mi'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1500m', '1500m'],
  ['2000', '2k'],
  ['1e3', '1k'],
  ['0', '0'],
  ['0Mi', '0'],
  ['100M', '100M'],
  ['1000000k', '1G'],
  ['.5', '500m'],
  ['+5', '5'],
  ['-1024Ki', '-1Mi'],
  ['1n', '1n'],
  ['0.0000000001', '1n'],
  ['', undefined],
  ['ten', undefined],
  ['1 Gi', undefined],
  ['1Zi', undefined],
])('%s is %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});
