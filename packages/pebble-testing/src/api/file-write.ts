/** @module Writing files and directories as the files API does: temporary file, owner, mode, rename. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import type { RunAs } from '@vpn-k8s/pebble';
import { quote } from '../plan/read.ts';
import { resolveOwner, UserError } from '../users.ts';

/** One file of a write. */
export interface FileItem extends RunAs {
  readonly path: string;
  readonly 'make-dirs'?: boolean;
  readonly permissions?: string;
}

/** One directory to make. */
export interface DirItem extends RunAs {
  readonly path: string;
  readonly 'make-parents'?: boolean;
  readonly permissions?: string;
}

/** Throws for a path that is not absolute, in the real one's words. */
export function requireAbsolute(path: string): void {
  if (!isAbsolute(path)) throw new Error(`paths must be absolute, got ${quote(path)}`);
}

type Owner = ReturnType<typeof resolveOwner>;

/** Writes a file so that nobody sees half of it; throws Error with the real one's message. */
export function writeFile(item: FileItem, content: Buffer): void {
  requireAbsolute(item.path);
  const owner = ownerOf(item);
  if (item['make-dirs']) makeParents(dirname(item.path), 0o755, owner);
  const mode = modeOf(item.permissions, 0o644);
  const temporary = `${item.path}.${randomBytes(9).toString('base64url')}~`;
  try {
    const file = openSync(temporary, 'wx', mode);
    for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
    fsyncSync(file);
    closeSync(file);
    finish(temporary, mode, owner);
    renameSync(temporary, item.path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes a directory, with its parents where asked; throws Error with the real one's message. */
export function makeDir(item: DirItem): void {
  requireAbsolute(item.path);
  const mode = modeOf(item.permissions, 0o755);
  const owner = ownerOf(item);
  if (item['make-parents']) makeParents(item.path, mode, owner);
  else makeOne(item.path, mode, owner);
}

/** The error of one path as the files API tells it. */
export function fileError(verb: string, path: string, error: unknown): { message: string; kind: string } {
  const { code, message, syscall, path: seen } = error as NodeJS.ErrnoException;
  const kind =
    code === 'ENOENT'
      ? 'not-found'
      : code === 'EACCES' || code === 'EPERM'
        ? 'permission-denied'
        : 'generic-file-error';
  const words = code === undefined ? undefined : errnoWords[code];
  const call = verb === 'remove' ? verb : (syscall ?? verb);
  return { message: words === undefined ? message : `${call} ${seen ?? path}: ${words}`, kind };
}

const errnoWords: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'file exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  ENOTEMPTY: 'directory not empty',
  ELOOP: 'too many levels of symbolic links',
  EROFS: 'read-only file system',
};

function makeParents(path: string, mode: number, owner: Owner): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there !== undefined) throw Object.assign(new Error(), { code: 'ENOTDIR', syscall: 'mkdir', path });
  makeParents(dirname(path), mode, owner);
  makeOne(path, mode, owner);
}

function makeOne(path: string, mode: number, owner: Owner): void {
  if (existsSync(path)) throw Object.assign(new Error(), { code: 'EEXIST', syscall: 'mkdir', path });
  mkdirSync(path, mode);
  finish(path, mode, owner);
}

function finish(path: string, mode: number, owner: Owner): void {
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
}

function ownerOf(item: RunAs): Owner {
  try {
    return resolveOwner(item);
  } catch (error) {
    if (error instanceof UserError) throw new Error(`cannot look up user and group: ${error.message}`);
    throw error;
  }
}

function modeOf(permissions: string | undefined, otherwise: number): number {
  if (!permissions) return otherwise;
  if (!/^[0-7]{3}$/.test(permissions))
    throw new Error(`permissions must be a 3-digit octal string, got ${quote(permissions)}`);
  return Number.parseInt(permissions, 8);
}
