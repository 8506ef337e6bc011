/** @module Users and groups of this machine's /etc/passwd and /etc/group (no other name service). */
import { readFileSync } from 'node:fs';
import type { RunAs } from '@vpn-k8s/pebble';

/** One line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** A user or group cannot be resolved; the message is Pebble's. */
export class UserError extends Error {}

/** The user of a number or name, undefined when there is none. */
export function findUser(key: number | string): User | undefined {
  return lines('/etc/passwd')
    .map(([name, , uid, gid, , home]) => ({ name: name!, uid: Number(uid), gid: Number(gid), home: home ?? '' }))
    .find((user) => user.name === key || user.uid === key);
}

/** The group of a number or name, undefined when there is none. */
export function findGroup(key: number | string): { name: string; gid: number } | undefined {
  return lines('/etc/group')
    .map(([name, , gid]) => ({ name: name!, gid: Number(gid) }))
    .find((group) => group.name === key || group.gid === key);
}

/**
 * Numbers of the user and group that a command or file shall have; undefined when nothing is asked for.
 *
 * Throws UserError for unknown names, for a number that does not fit its name, and for a group without a user; a user alone gets its primary group.
 */
export function resolveOwner(owner: RunAs): { uid: number; gid: number } | undefined {
  const user = owner.user ? byName(owner.user) : undefined;
  const group = owner.group ? groupByName(owner.group) : undefined;
  agree('user', owner.user, 'UID', user?.uid, owner['user-id']);
  agree('group', owner.group, 'GID', group?.gid, owner['group-id']);
  const uid = user?.uid ?? owner['user-id'];
  const gid = group?.gid ?? owner['group-id'];
  if (uid !== undefined) return { uid, gid: gid ?? primaryGroup(uid) };
  if (gid !== undefined) throw new UserError('must specify user, not just group');
  return undefined;
}

function primaryGroup(uid: number): number {
  const user = findUser(uid);
  if (user === undefined) throw new UserError(`user: unknown userid ${uid}`);
  return user.gid;
}

function byName(name: string): User {
  const user = findUser(name);
  if (user === undefined) throw new UserError(`user: unknown user ${name}`);
  return user;
}

function groupByName(name: string): { gid: number } {
  const group = findGroup(name);
  if (group === undefined) throw new UserError(`group: unknown group ${name}`);
  return group;
}

function agree(kind: string, name: string | undefined, label: string, found?: number, asked?: number): void {
  if (found === undefined || asked === undefined || found === asked) return;
  throw new UserError(`${kind} ${JSON.stringify(name)} ${label} (${found}) does not match ${kind}-id (${asked})`);
}

function lines(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
