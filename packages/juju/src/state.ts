/** @module state-get, state-set, state-delete: strings that Juju keeps for this unit, beyond the pod's life. */

import { asStrings } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** All that is kept, own writes of this hook included. */
export function stateGet(): Record<string, string> {
  return asStrings(askTool('state-get', []));
}

/** Keeps pairs once the hook exits 0: keys to 256 bytes, values to 64 KiB, 2 MiB in all. */
export function stateSet(pairs: Readonly<Record<string, string>>): void {
  runTool('state-set', ['--file', '-'], JSON.stringify(pairs));
}

/** Forgets a key; a missing one is no error. */
export function stateDelete(key: string): void {
  runTool('state-delete', ['--', key]);
}
