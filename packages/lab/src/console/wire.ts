/** @module What a running lab and a `vpn-k8s lab` command say to each other: JSON lines over a unix socket. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@vpn-k8s/pebble-testing';

/** What a command asks a running lab for. */
export type Request =
  | { readonly kind: 'exec'; readonly unit: string; readonly container?: string; readonly argv: readonly string[] }
  | { readonly kind: 'status' }
  | { readonly kind: 'leaks' }
  | { readonly kind: 'fault'; readonly name: string; readonly target?: string }
  | { readonly kind: 'down' };

/** What the lab answers, in any number, the last one being `end`. */
export type Answer =
  | { readonly kind: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'end'; readonly code: number };

/** The socket of this user's lab; there is one lab a user at a time. */
export function socketPath(): string {
  const folder = join(cacheDir(), 'lab');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, 'console.sock');
}
