/** @module Packed charms for lab tests, made before the first one where they changed. */

import { execFileSync } from 'node:child_process';
import type { Charms } from '../src/demo/applications.ts';
import { writeUnlockedAgent } from '../src/demo/unlocked.ts';
import { packedCharms } from '../src/programs/charms.ts';

function pack(args: readonly string[]): void {
  const argv = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'tools/pack.ts', ...args];
  execFileSync(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The charms as they are deployed. */
export function charms(): Charms {
  pack([]);
  return packedCharms();
}

/** The same with an agent whose lock does nothing. */
export function unlockedCharms(): Charms {
  pack(['--agent', writeUnlockedAgent('out/unlocked/agent'), '--out', 'out/unlocked']);
  return packedCharms('out/unlocked');
}
