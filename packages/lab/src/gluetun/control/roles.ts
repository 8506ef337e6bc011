/** @module Who may call which route of the control server: roles of config.toml, the default role, the public routes. */

import { timingSafeEqual } from 'node:crypto';

/** One role as written. */
export interface Role {
  readonly name: string;
  readonly auth: string;
  readonly apikey: string;
  readonly username: string;
  readonly password: string;
  readonly routes: readonly string[];
}

/** A role file or default role that gluetun refuses; the message is its own. */
export class BadRole extends Error {}

/** A default role that makes gluetun panic and exit 2 (recorded). */
export class RolePanic extends Error {}

/** Routes that the control server of 3.41.1 has. */
export const knownRoutes: readonly string[] = [
  'GET /openvpn/actions/restart',
  'GET /openvpn/portforwarded',
  'GET /openvpn/settings',
  'GET /unbound/actions/restart',
  'GET /updater/restart',
  'GET /v1/version',
  'GET /v1/vpn/status',
  'PUT /v1/vpn/status',
  'GET /v1/vpn/settings',
  'PUT /v1/vpn/settings',
  'GET /v1/openvpn/status',
  'PUT /v1/openvpn/status',
  'GET /v1/openvpn/portforwarded',
  'GET /v1/openvpn/settings',
  'GET /v1/dns/status',
  'PUT /v1/dns/status',
  'GET /v1/updater/status',
  'PUT /v1/updater/status',
  'GET /v1/publicip/ip',
  'GET /v1/portforward',
];

const GUARDED = ['/v1/vpn/settings', '/v1/openvpn/settings', '/openvpn/settings'];

/** Routes that anybody may call on 3.41.1 when no role is configured. */
export const publicRoutes = knownRoutes.filter((route) => !GUARDED.includes(route.split(' ')[1] as string));

/**
 * Checks the roles of a config.toml.
 * @throws BadRole
 */
export function checkRoles(roles: readonly Role[]): void {
  for (const [at, role] of roles.entries()) {
    const where = `validating auth settings: role ${role.name} (${at + 1} of ${roles.length}): `;
    const problem = credentialProblem(role);
    if (problem) throw new BadRole(where + problem);
    for (const [number, route] of role.routes.entries()) {
      if (knownRoutes.includes(route)) continue;
      const which = `route ${number + 1} of ${role.routes.length}`;
      throw new BadRole(`${where}${which}: route not supported by the control server: ${route}`);
    }
  }
}

function credentialProblem(role: Role): string | undefined {
  const own = `for role ${role.name}: `;
  if (!['none', 'basic', 'apikey'].includes(role.auth)) return `authentication method not supported: ${role.auth}`;
  if (role.auth === 'apikey' && !role.apikey) return `${own}api key is empty`;
  if (role.auth === 'basic' && !role.username) return `${own}username is empty`;
  if (role.auth === 'basic' && !role.password) return `${own}password is empty`;
  return undefined;
}

/**
 * Reads HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE; empty is no role.
 * @throws BadRole for a role without credentials, RolePanic for what is not JSON
 */
export function parseDefaultRole(text: string): Role | undefined {
  if (!text) return undefined;
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RolePanic('missing code for authentication method: ');
  }
  const word = (name: string) => (typeof given[name] === 'string' ? (given[name] as string) : '');
  const [apikey, username, password] = [word('apikey'), word('username'), word('password')];
  const role = { name: 'default', auth: word('auth'), apikey, username, password, routes: [] };
  const problem = credentialProblem(role);
  if (problem) throw new BadRole(`default authentication role is not valid: ${problem}`);
  return role;
}

/** What a request brings along. */
export interface Credentials {
  readonly apikey?: string | undefined;
  readonly authorization?: string | undefined;
}

/** Whether the request may pass; `unprotected` when only because nothing guards the route. */
export type Pass =
  | { readonly pass: true; readonly unprotected: boolean }
  | { readonly pass: false; readonly basic: boolean };

/** Decides on one request. An unknown route is unauthorized whatever the key (recorded). */
export function authorize(route: string, roles: readonly Role[], fallback: Role | undefined, by: Credentials): Pass {
  if (!knownRoutes.includes(route)) return { pass: false, basic: false };
  const own = roles.filter((role) => role.routes.includes(route));
  const guards = own.length > 0 ? own : fallback ? [fallback] : [];
  if (guards.length === 0) {
    const open = roles.length === 0 && publicRoutes.includes(route);
    return open ? { pass: true, unprotected: true } : { pass: false, basic: false };
  }
  if (guards.some((role) => opens(role, by))) return { pass: true, unprotected: false };
  return { pass: false, basic: guards.some((role) => role.auth === 'basic') && by.authorization === undefined };
}

function opens(role: Role, by: Credentials): boolean {
  if (role.auth === 'none') return true;
  if (role.auth === 'apikey') return same(by.apikey ?? '', role.apikey);
  const basic = Buffer.from(`${role.username}:${role.password}`).toString('base64');
  return same(by.authorization ?? '', `Basic ${basic}`);
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
