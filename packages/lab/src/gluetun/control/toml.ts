/** @module Reads the one form of TOML that gluetun's config.toml has: `[[roles]]` with strings and one list. */

import { BadRole, type Role } from './roles.ts';

const FIELDS = ['name', 'auth', 'apikey', 'username', 'password', 'routes'];

/**
 * Reads roles.
 * @throws BadRole with gluetun's words where they were recorded
 */
export function parseRoles(text: string): Role[] {
  const roles: Record<string, unknown>[] = [];
  for (const line of logicalLines(text)) {
    if (line === '[[roles]]') roles.push({});
    else readField(line, roles.at(-1));
  }
  return roles.map((role) => ({ name: '', auth: '', apikey: '', username: '', password: '', routes: [], ...role }));
}

/** Lines without comments; a list that goes on over several lines is one. */
function logicalLines(text: string): string[] {
  const joined = text.replaceAll(/\[([^[\]]*)\]/g, (list) => list.replaceAll('\n', ' '));
  return joined
    .split('\n')
    .map((line) => line.replace(/^\s*#.*$/, '').trim())
    .filter(Boolean);
}

function readField(line: string, role: Record<string, unknown> | undefined): void {
  const found = /^([A-Za-z_-]+)\s*=\s*(.+)$/.exec(line);
  const prefix = 'reading auth settings: toml decoding file: ';
  if (!found) throw new BadRole(`${prefix}toml: expected character ] but the document ended here`);
  const [, name, value] = found as unknown as [string, string, string];
  if (!role || !FIELDS.includes(name)) {
    throw new BadRole(`${prefix}strict mode: fields in the document are missing in the target struct:`);
  }
  role[name] = name === 'routes' ? JSON.parse(value.replace(/,\s*\]$/, ']')) : JSON.parse(value);
}
