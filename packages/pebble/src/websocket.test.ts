/** @module Frames come out as they went in, however the bytes are cut. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader, opcode } from './websocket.ts';

const mask = Buffer.from([1, 2, 3, 250]);

test.each([0, 1, 125, 126, 65_535, 65_536])(
  'a payload of %i bytes comes out as it went in, masked or not',
  (length) => {
    const payload = Buffer.alloc(length, 'abc');
    for (const key of [undefined, mask]) {
      const [frame, ...rest] = new FrameReader().push(encodeFrame(opcode.binary, payload, key));
      expect([frame?.opcode, frame?.payload.equals(payload), rest.length]).toEqual([opcode.binary, true, 0]);
    }
  },
);

test('frames may be cut anywhere', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (payloads, step) => {
        const wire = Buffer.concat(payloads.map((payload) => encodeFrame(opcode.binary, Buffer.from(payload), mask)));
        const reader = new FrameReader();
        const seen = [];
        for (let at = 0; at < wire.length; at += step) seen.push(...reader.push(wire.subarray(at, at + step)));
        expect(seen.map((frame) => [...frame.payload])).toEqual(payloads.map((payload) => [...payload]));
      },
    ),
  );
});

test('fragments are one message, with a ping between them', () => {
  const first = encodeFrame(opcode.text, Buffer.from('ab'));
  first[0] = opcode.text;
  const ping = encodeFrame(opcode.ping, Buffer.from('p'));
  const last = encodeFrame(0, Buffer.from('cd'));
  const frames = new FrameReader().push(Buffer.concat([first, ping, last]));
  expect(frames.map((frame) => [frame.opcode, String(frame.payload)])).toEqual([
    [opcode.ping, 'p'],
    [opcode.text, 'abcd'],
  ]);
});

test('a masked text is the one of RFC 6455 section 5.7', () => {
  const wire = Buffer.from('818537fa213d7f9f4d5158', 'hex');
  expect(encodeFrame(opcode.text, Buffer.from('Hello'), Buffer.from('37fa213d', 'hex'))).toEqual(wire);
  expect(new FrameReader().push(wire)).toEqual([{ opcode: opcode.text, payload: Buffer.from('Hello') }]);
});
