/** @module The main path of a charm: gather, reconcile, report. */

export { flatResults } from './action.ts';
export type { Action, ActionParameters, ActionResult, Charm, CharmPorts, Status, Wake } from './charm.ts';
export { explain } from './explain.ts';
export type { Log } from './log.ts';
export { main } from './main.ts';
