/** @module The Node binary that goes into a charm: the installed one, or another architecture's, checked by the lockfile. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@vpn-k8s/pebble-testing';

/** Architectures in Juju's words with npm's. */
export const architectures = { amd64: 'x64', arm64: 'arm64' } as const;

/** An architecture in Juju's words. */
export type Architecture = keyof typeof architectures;

/** The architecture of this machine. */
export const ownArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/**
 * Folder with `bin/node` and `LICENSE` of the pinned Node; another architecture's is fetched once with `npm pack`.
 * @throws Error when the archive is not the one that package-lock.json names
 */
export function nodeFolder(architecture: Architecture): string {
  const name = `node-linux-${architectures[architecture]}`;
  const installed = join('node_modules', name);
  if (existsSync(join(installed, 'bin', 'node'))) return installed;
  const { version, integrity } = lockEntry(name);
  const folder = join(cacheDir(), `${name}-${version}`);
  if (!existsSync(join(folder, 'package', 'bin', 'node'))) fetchNode(name, version, integrity, folder);
  return join(folder, 'package');
}

/** What names the pinned Node of an architecture for good: its checksum in package-lock.json. */
export function nodeIdentity(architecture: Architecture): string {
  return lockEntry(`node-linux-${architectures[architecture]}`).integrity;
}

function lockEntry(name: string): { version: string; integrity: string } {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return lock.packages[`node_modules/${name}`];
}

function fetchNode(name: string, version: string, integrity: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`], { stdio: 'inherit' });
  const archive = join(folder, `${name}-${version}.tgz`);
  const seen = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (seen !== integrity)
    throw new Error(`${archive} is ${seen}, but package-lock.json names ${integrity}. Delete it and try again.`);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
}
