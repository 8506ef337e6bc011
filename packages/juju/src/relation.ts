/** @module relation-ids, relation-list, relation-get, relation-set, relation-model-get. */

import { asList, asStrings, asText } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** Which databag of an application's pair is meant. */
export interface BagOptions {
  /** The application's databag, not the unit's; writing it is for the leader. */
  readonly app?: boolean;
}

/**
 * Ids of the relations of an endpoint; an unknown endpoint has none. A relation that is being broken is still listed
 * in its own relation-broken hook.
 *
 * @example relationIds('db') // ['db:7']
 */
export function relationIds(endpoint: string): string[] {
  return asList(askTool('relation-ids', [endpoint]));
}

/** Remote units of a relation; [] in a new unit until its own joined hook. */
export function relationList(id: string): string[] {
  return asList(askTool('relation-list', ['-r', id]));
}

/** The remote application; answers in relation-broken too, where `JUJU_REMOTE_APP` may be empty. */
export function relationListApp(id: string): string {
  return asText(askTool('relation-list', ['-r', id, '--app']));
}

/**
 * The databag of a unit (`pg/0`) or, with `app`, of an application (`pg`). Juju puts `egress-subnets` and
 * `ingress-address` into every unit's databag: not empty does not mean written by the other charm.
 */
export function relationGet(id: string, entity: string, options: BagOptions = {}): Record<string, string> {
  return asStrings(askTool('relation-get', ['-r', id, ...appFlag(options), '-', entity]));
}

/**
 * Writes keys to this unit's databag or, with `app`, the application's (leader only); '' deletes a key. Reaches the
 * other side only when the hook exits 0.
 */
export function relationSet(id: string, data: Readonly<Record<string, string>>, options: BagOptions = {}): void {
  runTool('relation-set', ['-r', id, ...appFlag(options), '--file', '-'], JSON.stringify(data));
}

/** UUID of the model at the other end (Juju >= 3.6.2); another one than ours means a cross-model relation. */
export function relationModelGet(id: string): { uuid: string } {
  return { uuid: asText(asStrings(askTool('relation-model-get', ['-r', id])).uuid) };
}

function appFlag(options: BagOptions): string[] {
  return options.app ? ['--app'] : [];
}
