/** @module Errors as one sentence for people, and the place of bugs for developers. */

/**
 * Message of an error followed by those of its causes: `cannot patch qbittorrent: 403 Forbidden: ...`.
 *
 * @example explain(new Error('a', { cause: new Error('b') })) // 'a: b'
 */
export function explain(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error; at !== undefined && at !== null && messages.length < 5; at = causeOf(at)) {
    const message = at instanceof Error ? at.message || at.name : typeof at === 'string' ? at : '';
    if (message !== '' && !messages.some((one) => one.includes(message))) messages.push(message);
  }
  return messages.join(': ') || String(error);
}

/** First frame of a stack that is not Node's, ' at charm.mjs:12:5', or ''. */
export function place(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  const frame = frames.find((line) => !line.includes('node:'));
  const where = /([^/(\s]+:\d+:\d+)\)?$/.exec(frame ?? '')?.[1];
  return where === undefined ? '' : ` (${where})`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
