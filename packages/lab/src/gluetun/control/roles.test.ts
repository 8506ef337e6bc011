/** @module Role files of the control server, and default roles. */

import { expect, test } from 'vitest';
import { recorded, withoutUrls } from '../recorded/fixtures.ts';
import { authorize, checkRoles, parseDefaultRole, RolePanic } from './roles.ts';
import { parseRoles } from './toml.ts';

interface BadAuth {
  readonly case: string;
  readonly toml: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly exited: number | null;
  readonly error: string | null;
}

const rows = recorded<BadAuth>('bad-auth').filter((row) => !row.env.HTTP_CONTROL_SERVER_ADDRESS);

function refusal(row: BadAuth): string | undefined {
  try {
    checkRoles(parseRoles(row.toml ?? ''));
    parseDefaultRole(row.env.HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE ?? '');
    return undefined;
  } catch (error) {
    return error instanceof RolePanic ? 'panic' : (error as Error).message;
  }
}

test.each(rows)('$case ends the program as recorded', (row) => {
  const seen = refusal(row);
  if (row.exited === null) expect(seen).toBeUndefined();
  else if (row.exited === 2) expect(seen).toBe('panic');
  else expect(withoutUrls(row.error ?? '')).toContain(seen);
});

test('a role opens its routes only, and closes all others to those without it', () => {
  const text = '[[roles]]\nname = "charm"\nauth = "apikey"\napikey = "k"\nroutes = [\n  "GET /v1/vpn/status",\n]\n';
  const roles = parseRoles(text);
  checkRoles(roles);
  const may = (route: string, apikey?: string) => authorize(route, roles, undefined, { apikey }).pass;
  expect(may('GET /v1/vpn/status', 'k')).toBe(true);
  expect(may('GET /v1/vpn/status')).toBe(false);
  expect(may('GET /v1/version', 'k')).toBe(false);
});
