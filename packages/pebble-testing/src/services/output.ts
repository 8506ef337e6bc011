/** @module The last output of one service, line by line. */
import { now, rfc3339Millis } from '../clock.ts';

/** One line as `GET /v1/logs` gives it. */
export interface LogLine {
  readonly time: bigint;
  readonly service: string;
  readonly message: string;
}

const maxBytes = 100 * 1024;

/** Keeps the last 100 kB of a service's output. */
export class Output {
  readonly #service: string;
  readonly #echo: boolean;
  readonly #lines: LogLine[] = [];
  #bytes = 0;
  #partial = '';

  /** With `echo` every line also goes to standard output, as `pebble run --verbose` does. */
  constructor(service: string, echo: boolean) {
    this.#service = service;
    this.#echo = echo;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Takes text as it comes from the process. */
  write(text: string): void {
    const pieces = (this.#partial + text).split('\n');
    this.#partial = pieces.pop() ?? '';
    for (const piece of pieces) this.#add(piece);
  }

  /** Ends the last line even where it has no line break. */
  flush(): void {
    if (this.#partial !== '') this.#add(this.#partial);
    this.#partial = '';
  }

  /** The last lines for a task log, indented; `(...)` stands for those left out. */
  tail(count: number): string {
    const messages = this.#lines.map((line) => line.message);
    const shown = messages.length > count ? ['(...)', ...messages.slice(-count)] : messages;
    return (shown.length === 0 ? [''] : shown).map((line) => `    ${line}`).join('\n');
  }

  #add(message: string): void {
    const line = { time: now(), service: this.#service, message };
    this.#lines.push(line);
    this.#bytes += message.length + 1;
    while (this.#bytes > maxBytes) this.#bytes -= this.#lines.shift()!.message.length + 1;
    if (this.#echo) process.stdout.write(`${rfc3339Millis(line.time)} [${this.#service}] ${message}\n`);
  }
}
