/** @module action-get, action-set, action-log, action-fail; outside an action Juju refuses all of them. */

import { asObject } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** The parameters, checked by Juju against actions.yaml and with defaults filled in. */
export function actionGet(): Record<string, unknown> {
  return asObject(askTool('action-get', []));
}

/**
 * Adds results. Keys are lower-case letters, digits and hyphens; dots make nested maps; `stdout`, `stderr` and
 * `*-encoding` are Juju's. Kept even when the action fails.
 *
 * @example actionSet({ 'exit.address': '203.0.113.5', leaked: '0' })
 */
export function actionSet(results: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(results).map(([key, value]) => `${key}=${value}`);
  if (pairs.length > 0) runTool('action-set', ['--', ...pairs]);
}

/** A line that `juju run` shows while the action works. */
export function actionLog(message: string): void {
  runTool('action-log', ['--', message]);
}

/** Marks the action as failed; the hook itself still exits 0, so its other writes are kept. */
export function actionFail(message: string): void {
  runTool('action-fail', ['--', message]);
}
