/** @module One request as the verbs see it, and what they may use to answer it. */
import type { Admission } from '../access/admission.ts';
import type { Tokens, User } from '../access/users.ts';
import { badRequest } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Store } from '../store/store.ts';

/** The parts of the server that verbs work with. */
export interface Machinery {
  readonly store: Store;
  readonly admission: Admission;
  readonly tokens: Tokens;
  readonly serviceCidr: string;
}

/** A request that was routed to a kind. */
export interface Call {
  readonly verb: string;
  readonly kind: Kind;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly user: User;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType: string;
  readonly userAgent: string;
}

/** An answer. `warnings` become Warning headers. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** True for `dryRun=All`; any other value is the real server's 400. */
export function isDryRun(call: Call): boolean {
  const value = call.query.dryRun;
  if (value === undefined || value === '') return false;
  if (value === 'All') return true;
  throw badRequest(`dryRun: Unsupported value: "${value.slice(0, 60)}": supported values: "All"`);
}

/** The manager that owns what this request writes: `fieldManager`, else the program's name. */
export function managerOf(call: Call): string {
  return call.query.fieldManager || call.userAgent.split('/')[0]?.slice(0, 128) || 'unknown';
}

/** How strictly fields are checked: Warn is the server's default, and like Ignore here. */
export function isStrict(call: Call): boolean {
  const value = call.query.fieldValidation;
  if (value === undefined || ['', 'Ignore', 'Warn', 'Strict'].includes(value)) return value === 'Strict';
  throw badRequest(
    `fieldValidation: Unsupported value: "${value.slice(0, 60)}": supported values: "Ignore", "Strict", "Warn"`,
  );
}
