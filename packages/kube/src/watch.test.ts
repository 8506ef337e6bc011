/** @module Lines of a stream, however it is cut. */
import { expect, test } from 'vitest';
import { Expired } from './errors.ts';
import { lines, parseEvent } from './watch.ts';

const text = '{"type":"ADDED","object":{"a":"ä€"}}\n\n{"type":"BOOKMARK","object":{}}\n';

async function* chunks(bytes: Buffer, size: number, broken = false): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  if (broken) throw new Error('aborted');
}

async function read(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(stream)) found.push(line);
  return found;
}

test.each([1, 2, 3, 7, 1000])('chunks of %i bytes', async (size) => {
  expect(await read(chunks(Buffer.from(text), size))).toEqual(text.split('\n').filter(Boolean));
});

test('half a line at the end is dropped, and a broken stream just ends', async () => {
  expect(await read(chunks(Buffer.from(`${text}{"type":"AD`), 5, true))).toHaveLength(2);
});

test('an ERROR event is thrown as what it says', () => {
  const line = JSON.stringify({
    type: 'ERROR',
    object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
  });
  expect(() => parseEvent(line, { verb: 'watch', resource: 'pods' })).toThrow(Expired);
});
