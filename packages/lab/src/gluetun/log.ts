/** @module Log lines as gluetun writes them: time, level, part, text. */

/** Levels in ascending order. */
const LEVELS = ['debug', 'info', 'warn', 'error'];

/** Writes log lines of one part of the program. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** The same log with `[part] ` before each text. */
  part(name: string): Log;
}

/**
 * A log on standard output.
 * @example createLog('info').part('firewall').info('enabling...') // 2026-11-22T17:00:00Z INFO [firewall] enabling...
 */
export function createLog(level: string, prefix = ''): Log {
  const least = Math.max(LEVELS.indexOf(level === 'warning' ? 'warn' : level), 0);
  const write = (own: string) => (text: string) => {
    if (LEVELS.indexOf(own) < least) return;
    process.stdout.write(`${new Date().toISOString().slice(0, 19)}Z ${own.toUpperCase()} ${prefix}${text}\n`);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    part: (name) => createLog(level, `[${name}] `),
  };
}
