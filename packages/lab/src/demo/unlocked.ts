/** @module The agent without its lock, to show that the oracle counts: nobody should believe a counter that has never moved. */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('../../../vpn-k8s-lib/src/agent/', import.meta.url));

/** Where client_init.sh begins to act, after all its functions. */
const START = '\ncase ${0##*/} in\n';

/** The client's init with a lock that does nothing and is always proven. @throws Error when the script has changed its shape */
export function withoutLock(script: string): string {
  if (!script.includes(START))
    throw new Error(`client_init.sh has no line "${START.trim()}" any more; unlocked.ts looks for it.`);
  return script.replace(START, `\napply_lock() { :; }\nlock_stands() { :; }\n${START}`);
}

/** Writes the agent's scripts without the lock into a folder and gives back its path. */
export function writeUnlockedAgent(folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(AGENT, folder, { recursive: true });
  const init = join(folder, 'client_init.sh');
  writeFileSync(init, withoutLock(readFileSync(init, 'utf8')));
  return folder;
}
