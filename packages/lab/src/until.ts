/** @module Waiting for conditions, with a sentence when they do not come. */

/** A condition that did not become true in time. */
export class TimedOut extends Error {
  constructor(what: string, seconds: number, last: string) {
    super(`${what} did not happen within ${seconds} s. ${last}`);
    this.name = 'TimedOut';
  }
}

/** How to wait: how long, how often, and what to say of the last state when it was in vain. */
export interface Patience {
  readonly seconds: number;
  readonly everyMs?: number;
  readonly explain?: () => string | Promise<string>;
}

/** Asks until the answer is neither undefined nor false, and gives it back. @throws TimedOut */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  patience: Patience,
): Promise<T> {
  const { seconds, everyMs = 20, explain } = patience;
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new TimedOut(what, seconds, (await explain?.()) ?? '');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
