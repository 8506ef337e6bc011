/** @module Reads a watch: one JSON event per line, for as long as the server keeps the stream open. */
import { StringDecoder } from 'node:string_decoder';
import { errorFor } from './errors.ts';
import type { KubeObject, Status, WatchEvent } from './object.ts';
import type { RequestTarget } from './request.ts';

/** Cuts a stream of chunks into lines. A stream that breaks off just ends, as watches do all the time; half a line is dropped. */
export async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.write(chunk)).split('\n');
      rest = parts.pop() as string;
      yield* parts.filter((part) => part.trim() !== '');
    }
  } catch {
    return;
  }
}

/** Parses one line; an ERROR event (410 when the resourceVersion is too old) is thrown as the ApiError it carries. */
export function parseEvent<T extends KubeObject>(line: string, request: RequestTarget): WatchEvent<T> {
  const event = JSON.parse(line) as { type: string; object: unknown };
  if (event.type === 'ERROR') throw errorFor((event.object as Status).code ?? 500, event.object, request);
  return event as WatchEvent<T>;
}
