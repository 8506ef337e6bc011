/**
 * @module Writes the files of a volume all at once, as the kubelet does: a new directory, then a rename of `..data`.
 *
 *     settings.sh -> ..data/settings.sh      ..data -> ..2026-11-22T16-41-56-000Z-1      ..2026-.../settings.sh
 */

import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VolumeFiles } from './volume-files.ts';

let writes = 0;

/** Replaces all files of `directory`; a reader sees the old or the new ones. `group` is the pod's fsGroup. */
export function writeAtomically(directory: string, files: VolumeFiles, group?: number): void {
  writes += 1;
  const name = `..${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${writes}`;
  mkdirSync(join(directory, name), { recursive: true, mode: 0o755 });
  for (const [path, file] of files) {
    const target = join(directory, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.content);
    chmodSync(target, group === undefined ? file.mode : file.mode | 0o040);
    if (group !== undefined) chownSync(target, 0, group);
  }
  symlinkSync(name, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  linkNames(directory, new Set([...files.keys()].map((path) => path.split('/')[0] as string)));
  removeOthers(directory, name);
}

function linkNames(directory: string, wanted: ReadonlySet<string>): void {
  const present = readdirSync(directory).filter((name) => !name.startsWith('..'));
  for (const name of present) if (!wanted.has(name)) rmSync(join(directory, name), { force: true });
  for (const name of wanted) if (!present.includes(name)) symlinkSync(`..data/${name}`, join(directory, name));
}

function removeOthers(directory: string, current: string): void {
  const old = readdirSync(directory).filter((name) => /^\.\.\d/.test(name) && name !== current);
  for (const name of old) rmSync(join(directory, name), { recursive: true, force: true });
}
