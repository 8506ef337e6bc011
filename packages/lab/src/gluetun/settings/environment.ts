/** @module Reads single values out of the environment and of secret files, as gluetun does. */

import { BadValue, within } from './go.ts';

/** The environment, and the reading of a file that may be missing. */
export interface Source {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Content of a file, undefined when there is none. */
  readonly file: (path: string) => string | undefined;
}

/** The value of the first of these names that is set and not empty. */
export function text(source: Source, names: string | readonly string[], fallback = ''): string {
  for (const name of typeof names === 'string' ? [names] : names) {
    const value = source.env[name]?.trim();
    if (value) return value;
  }
  return fallback;
}

/** A value read by `parse`, with the variable's name before the complaint. @throws BadValue */
export function parsed<T>(
  source: Source,
  names: string | readonly string[],
  parse: (value: string) => T,
  fallback: T,
): T {
  for (const name of typeof names === 'string' ? [names] : names) {
    const value = source.env[name]?.trim();
    if (value) return within(`environment variable ${name}`, () => parse(value));
  }
  return fallback;
}

/** A comma-separated list; blanks around the items are dropped. */
export function list(source: Source, names: string | readonly string[]): string[] | null {
  const value = text(source, names);
  return value ? value.split(',').map((item) => item.trim()) : null;
}

/** A value from the environment, else from the file that `<NAME>_SECRETFILE` names (default /run/secrets/<name>). */
export function secret(source: Source, name: string): string {
  const direct = text(source, name);
  if (direct) return direct;
  const path = text(source, `${name}_SECRETFILE`, `/run/secrets/${name.toLowerCase()}`);
  try {
    return source.file(path)?.replace(/\r?\n$/, '') ?? '';
  } catch (error) {
    throw new BadValue(`reading secret file: ${(error as Error).message}`);
  }
}
