/** @module Sentences of errors. */

import { expect, test } from 'vitest';
import { explain, place } from './explain.ts';

test.each([
  { name: 'one error', error: new Error('a is wrong'), says: 'a is wrong' },
  { name: 'causes follow', error: new Error('a', { cause: new Error('b', { cause: 'c' }) }), says: 'a: b: c' },
  { name: 'a cause already told is left out', error: new Error('a: b', { cause: new Error('b') }), says: 'a: b' },
  { name: 'an error without words', error: new TypeError(), says: 'TypeError' },
  { name: 'not an error', error: 'text', says: 'text' },
  { name: 'nothing', error: undefined, says: 'undefined' },
])('$name', ({ error, says }) => {
  expect(explain(error)).toBe(says);
});

test('the place of an error is file, line and column', () => {
  expect(place(new Error('x'))).toMatch(/^ \(explain\.test\.ts:\d+:\d+\)$/);
  expect(place('x')).toBe('');
});
