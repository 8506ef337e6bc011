/** @module Directory entries as the files API shows them. */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { rfc3339Seconds } from '../clock.ts';
import { findGroup, findUser } from '../users.ts';

/** Entries of a directory by name, or the path itself; throws Node's error when there is nothing. */
export function listFiles(path: string, pattern: string, itself: boolean): object[] {
  const own = statSync(path);
  if (itself || !own.isDirectory())
    return matches(basename(path), pattern) ? [entry(join(dirname(path), basename(path)), own)] : [];
  const entries = readdirSync(path)
    .sort()
    .filter((name) => matches(name, pattern));
  return entries.map((name) => entry(join(path, name), lstatSync(join(path, name))));
}

function matches(name: string, pattern: string): boolean {
  return pattern === '' || matchesGlob(name, pattern);
}

function entry(path: string, stats: Stats): object {
  return {
    path,
    name: basename(path) || '/',
    type: typeOf(stats),
    ...(stats.isFile() ? { size: stats.size } : {}),
    permissions: (stats.mode & 0o777).toString(8).padStart(3, '0'),
    'last-modified': rfc3339Seconds(BigInt(Math.floor(stats.mtimeMs)) * 1_000_000n),
    'user-id': stats.uid,
    user: findUser(stats.uid)?.name ?? '',
    'group-id': stats.gid,
    group: findGroup(stats.gid)?.name ?? '',
  };
}

function typeOf(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'named-pipe';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'device' : 'unknown';
}
