/** @module Keeps the traffic program running in the workload's container, pod after pod, and notes what the internet saw. */

import type { ChildProcess } from 'node:child_process';
import type { Lab } from '../lab.ts';
import { lineReader } from '../line-reader.ts';
import type { Sighting } from '../traffic.ts';

/** What the traffic of one application has seen so far. */
export class Probe {
  readonly #lab: Lab;
  readonly #pod: string;
  readonly #container: string;
  readonly #program: string;
  readonly sightings: Sighting[] = [];
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `program` is the bundled traffic.ts, as the container's image has it. */
  constructor(lab: Lab, pod: string, container: string, program: string) {
    this.#lab = lab;
    this.#pod = pod;
    this.#container = container;
    this.#program = program;
  }

  /** Starts the program now, and again whenever the container was replaced. */
  start(): void {
    this.#timer = setInterval(() => this.#keep(), 20);
  }

  /** Ends the program. */
  stop(): void {
    clearInterval(this.#timer);
    this.#child?.kill('SIGKILL');
  }

  /** The address that the internet sees now; null while nothing comes back, undefined before the first answer. */
  exit(): string | null | undefined {
    return this.#child ? this.sightings.at(-1)?.exit : null;
  }

  /** When the internet was reached again after it had been lost after a time (milliseconds since 1970). */
  backAfter(since: number): number | undefined {
    const lost = this.sightings.findIndex(({ at, exit }) => at >= since && exit === null);
    return lost < 0 ? undefined : this.sightings.slice(lost).find(({ exit }) => exit !== null)?.at;
  }

  #keep(): void {
    const path = { namespace: this.#lab.model, pod: this.#pod, container: this.#container };
    if (this.#child || this.#lab.cluster.pidOf(path) === undefined) return;
    try {
      this.#follow(this.#lab.cluster.exec(path, [this.#program], { uid: 1000, gid: 1000 }));
    } catch {
      // Why: the container may end between the look and the start; the next look finds its successor.
    }
  }

  #follow(child: ChildProcess): void {
    this.#child = child;
    child.stdout?.setEncoding('utf8');
    child.stdout?.on(
      'data',
      lineReader((line) => this.sightings.push(JSON.parse(line) as Sighting)),
    );
    child.on('error', () => {});
    child.on('exit', () => {
      this.#child = undefined;
      this.sightings.push({ at: Date.now(), exit: null });
    });
  }
}
