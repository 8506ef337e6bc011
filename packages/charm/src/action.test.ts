/** @module Results of actions as action-set takes them. */

import { expect, test } from 'vitest';
import { flatResults } from './action.ts';

test.each([
  { name: 'plain values become text', results: { a: 'x', b: 1, c: false }, flat: { a: 'x', b: '1', c: 'false' } },
  { name: 'nested values get dots', results: { a: { b: { c: 1 } }, d: 2 }, flat: { 'a.b.c': '1', d: '2' } },
  { name: 'nothing is left out', results: { a: null, b: undefined, c: {} }, flat: {} },
])('$name', ({ results, flat }) => {
  expect(flatResults(results)).toEqual(flat);
});

test.each(['Upper', 'two_words', '-a', 'a-', '', 'stdout', 'stderr-encoding', 'a.b'])(
  'the key "%s" is refused',
  (key) => {
    expect(() => flatResults({ ok: { [key]: 1 } })).toThrow(`result key "${key}": keys of action results are`);
  },
);
