/** @module Runs one action: parameters in, results or a failing sentence out. */

import { actionFail, actionGet, actionSet } from '@vpn-k8s/juju';
import type { ActionResult, Charm, CharmPorts } from './charm.ts';
import { explain } from './explain.ts';

const resultKey = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reservedKey = /^(stdout|stderr)(-encoding)?$/;

/**
 * Runs the action that the context names. A failure is told by action-fail, and the process still exits 0: with
 * another code Juju would show `exit status 1` in place of the sentence.
 */
export async function runAction(charm: Charm, name: string, ports: CharmPorts): Promise<void> {
  try {
    const action = charm.actions?.[name];
    if (action === undefined) throw new Error(`${charm.name} declares the action ${name} but does not implement it`);
    actionSet(flatResults(await action(actionGet(), ports)));
  } catch (error) {
    ports.log.warning(`action ${name} failed: ${explain(error)}`);
    actionFail(explain(error));
  }
}

/**
 * Results with dotted keys, as action-set takes them.
 *
 * @throws Error naming a key that Juju would refuse
 * @example flatResults({ exit: { address: '203.0.113.5' }, leaked: 0 }) // { 'exit.address': '203.0.113.5', leaked: '0' }
 */
export function flatResults(results: ActionResult, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(results)) {
    if (value === null || value === undefined) continue;
    checkKey(key);
    if (typeof value === 'object') Object.assign(flat, flatResults(value, `${prefix}${key}.`));
    else flat[`${prefix}${key}`] = String(value);
  }
  return flat;
}

function checkKey(key: string): void {
  const rule = 'keys of action results are lower-case letters, digits and inner hyphens, not stdout or stderr';
  if (!resultKey.test(key) || reservedKey.test(key)) throw new Error(`result key "${key.slice(0, 60)}": ${rule}`);
}
