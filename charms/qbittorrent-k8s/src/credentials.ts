/** @module The web interface's credentials: a secret of the application, made once by the leader. */

import type { ActionResult } from '@vpn-k8s/charm';
import { secretAdd, secretGet, secretInfoGet } from '@vpn-k8s/juju';

/** Label of the secret; keys `username`, `password`, `pbkdf2`. */
export const SECRET_LABEL = 'web-credentials';

/** What the secret holds. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The password as qBittorrent keeps it: `@ByteArray(<salt>:<key>)`, PBKDF2-SHA512, 100,000 rounds. */
  readonly pbkdf2: string;
}

/** Reads the credentials, or undefined when the leader has not made them yet. */
export function readCredentials(): Credentials | undefined {
  if (!secretInfoGet({ label: SECRET_LABEL })) return undefined;
  return secretGet({ label: SECRET_LABEL }) as unknown as Credentials;
}

/** Makes the credentials with a random password; only the leader may. */
export async function makeCredentials(): Promise<Credentials> {
  const { pbkdf2Sync, randomBytes } = await import('node:crypto');
  const password = randomBytes(18).toString('base64url');
  const salt = randomBytes(16);
  const key = pbkdf2Sync(password, salt, 100_000, 64, 'sha512');
  const made = {
    username: 'admin',
    password,
    pbkdf2: `@ByteArray(${salt.toString('base64')}:${key.toString('base64')})`,
  };
  secretAdd(made, { label: SECRET_LABEL, description: 'qBittorrent web interface', owner: 'application' });
  return made;
}

/** The action `get-credentials`. */
export async function credentials(): Promise<ActionResult> {
  const known = readCredentials();
  if (!known)
    throw new Error('There are no credentials yet: they are made when qBittorrent is configured for the first time.');
  return { username: known.username, password: known.password };
}
