/** @module Parts come out as they went in, whatever bytes and names they have. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryOf, encodeMultipart, parseMultipart } from './multipart.ts';

const boundary = 'b'.repeat(32);
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const lines = fc
  .array(fc.constantFrom('\r\n', '--', 'x', '\n', '-'), { maxLength: 12 })
  .map((parts) => Buffer.from(parts.join('')));
const part = fc.record({
  name: fc.constantFrom('request', 'files'),
  filename: fc.string({ unit: fc.constantFrom(...'/ab "\\;=é'), maxLength: 12 }),
  type: fc.constant('application/octet-stream'),
  body: fc.oneof(bytes, lines),
});

test('parts come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      expect(parseMultipart(encodeMultipart(parts, boundary), boundary)).toEqual(parts);
    }),
  );
});

test('a body that was cut off is refused', () => {
  const whole = encodeMultipart([{ name: 'files', type: 'text/plain', body: Buffer.from('hello') }], boundary);
  expect(() => parseMultipart(whole.subarray(0, -boundary.length), boundary)).toThrow('ends before its last boundary');
});

test.each([
  { type: 'multipart/form-data; boundary=abc', found: 'abc' },
  { type: 'multipart/form-data; charset=x; boundary="a b"', found: 'a b' },
  { type: 'application/json', found: undefined },
])('the boundary of $type is $found', ({ type, found }) => {
  expect(boundaryOf(type)).toBe(found);
});
