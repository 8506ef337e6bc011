/** @module The web interface's credentials: a secret of the application, made once by the leader. */

import type { ActionResult } from '@vpn-k8s/charm';
import { HookToolError, type SecretContent, secretAdd, secretGet } from '@vpn-k8s/juju';

/** Label of the secret; keys `username`, `password`, `pbkdf2`. */
export const SECRET_LABEL = 'web-credentials';

/** What the secret holds. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The password as qBittorrent keeps it: `@ByteArray(<salt>:<key>)`, PBKDF2-SHA512, 100,000 rounds. */
  readonly pbkdf2: string;
}

/** They were made by this process, so by this hook: Juju does not hold them yet. */
let madeNow = false;

/**
 * Reads the credentials, or undefined when the leader has not made them yet. Why not secret-info-get first: that answers the
 * leader only.
 */
export function readCredentials(): Credentials | undefined {
  if (madeNow) return undefined;
  try {
    return secretGet({ label: SECRET_LABEL }) as unknown as Credentials;
  } catch (error) {
    if (error instanceof HookToolError && error.stderr.endsWith('not found')) return undefined;
    throw error;
  }
}

/**
 * Makes the credentials with a random password; only the leader may. They are used from the next hook on: Juju drops the secret
 * when this hook fails or its pod is replaced, and a password in a file would then be known to nobody.
 */
export async function makeCredentials(): Promise<void> {
  const { pbkdf2Sync, randomBytes } = await import('node:crypto');
  const password = randomBytes(18).toString('base64url');
  const salt = randomBytes(16);
  const key = pbkdf2Sync(password, salt, 100_000, 64, 'sha512');
  const made: SecretContent = {
    username: 'admin',
    password,
    pbkdf2: `@ByteArray(${salt.toString('base64')}:${key.toString('base64')})`,
  };
  madeNow = true;
  secretAdd(made, { label: SECRET_LABEL, description: 'qBittorrent web interface', owner: 'application' });
}

/** The action `get-credentials`. */
export async function credentials(): Promise<ActionResult> {
  const known = readCredentials();
  if (!known)
    throw new Error('There are none of this charm: the leader makes them while qBittorrent.conf holds no password.');
  return { username: known.username, password: known.password };
}
