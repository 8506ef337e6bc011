/** @module The charm's log: at most one juju-log process per level and hook, DEBUG for free. */

import { jujuLog, type LogLevel } from '@vpn-k8s/juju';

/** Lines for the unit's log. */
export interface Log {
  debug(line: string): void;
  info(line: string): void;
  warning(line: string): void;
  error(line: string): void;
}

/** A log that collects lines by level until `flush`; DEBUG lines go to stdout at once, which Juju logs at DEBUG. */
export class HookLog implements Log {
  readonly #lines = new Map<LogLevel, string[]>();
  readonly #quiet: boolean;

  /** @param quiet in actions stdout is part of the results, so DEBUG lines go through juju-log there */
  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  debug(line: string): void {
    if (this.#quiet) this.#add('DEBUG', line);
    else process.stdout.write(`${line}\n`);
  }

  info(line: string): void {
    this.#add('INFO', line);
  }

  warning(line: string): void {
    this.#add('WARNING', line);
  }

  error(line: string): void {
    this.#add('ERROR', line);
  }

  /** Runs juju-log once for each level that has lines. */
  flush(): void {
    for (const [level, lines] of this.#lines) jujuLog(level, lines.join('\n'));
    this.#lines.clear();
  }

  #add(level: LogLevel, line: string): void {
    const lines = this.#lines.get(level) ?? [];
    this.#lines.set(level, [...lines, line]);
  }
}
