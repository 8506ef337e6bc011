/** @module Work by key: one run at a time for each key, requests in between are one more run, failures are tried again. */

/** A set of keyed jobs, e.g. one for each StatefulSet. */
export class Queue {
  readonly #work: (key: string) => Promise<void>;
  readonly #onError: (key: string, error: unknown) => void;
  readonly #running = new Set<string>();
  readonly #wanted = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(work: (key: string) => Promise<void>, onError: (key: string, error: unknown) => void) {
    this.#work = work;
    this.#onError = onError;
  }

  /** Asks for a run, after `delayMs`; several requests until then are one. */
  add(key: string, delayMs = 0): void {
    if (this.#stopped) return;
    if (delayMs > 0) {
      this.#later(key, delayMs);
      return;
    }
    this.#wanted.add(key);
    if (!this.#running.has(key)) void this.#run(key);
  }

  /** No further run begins. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(key: string, delayMs: number): void {
    if (this.#timers.has(key)) return;
    const fire = () => {
      this.#timers.delete(key);
      this.add(key);
    };
    this.#timers.set(key, setTimeout(fire, delayMs));
  }

  async #run(key: string): Promise<void> {
    this.#running.add(key);
    // Why: requests that come in one turn of the event loop are one run.
    await null;
    while (this.#wanted.delete(key) && !this.#stopped) {
      try {
        await this.#work(key);
      } catch (error) {
        this.#onError(key, error);
        this.#later(key, 100);
      }
    }
    this.#running.delete(key);
  }
}
