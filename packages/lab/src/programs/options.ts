/** @module What every program of the lab starts from: a directory, a log, and this machine's privilege. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSingleUser } from '../kubernetes/runtime/user.ts';
import type { LabOptions } from '../lab.ts';

/** Where a program's lab lives, and how it ends. */
export interface Place {
  readonly options: LabOptions;
  /** Removes the directory. */
  remove(): void;
}

/** A fresh directory, and options that fit this machine; the log goes to a file when one is named. */
export function place(logFile?: string): Place {
  const dir = mkdtempSync(join(process.env.TMPDIR ?? '/tmp', 'vpn-k8s-lab-'));
  const singleUser = isSingleUser(readFileSync('/proc/self/uid_map', 'utf8'));
  const log = logFile ? (line: string) => appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`) : () => {};
  return { options: { dir, singleUser, log }, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
