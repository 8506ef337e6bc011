/** @module What every program of the lab starts from: a directory, a log, and this machine's privilege. */

import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSingleUser } from '../kubernetes/runtime/user.ts';
import type { LabOptions } from '../lab.ts';

/** Where a program's lab lives, and how it ends. */
export interface Place {
  readonly options: LabOptions;
  /** Removes the directory. */
  remove(): void;
}

/** A fresh directory that goes when the lab ends, or the named one, which stays with the lab's log and the containers' logs. */
export function place(keep?: string): Place {
  const dir = keep ?? mkdtempSync(join(process.env.TMPDIR ?? '/tmp', 'vpn-k8s-lab-'));
  if (keep) rmSync(keep, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const singleUser = isSingleUser(readFileSync('/proc/self/uid_map', 'utf8'));
  const file = join(dir, 'lab.log');
  const log = keep ? (line: string) => appendFileSync(file, `${new Date().toISOString()} ${line}\n`) : () => {};
  return { options: { dir, singleUser, log }, remove: () => keep || rmSync(dir, { recursive: true, force: true }) };
}
