/** @module status-get, status-set and juju-log: what people see of a unit. */

import { asObject, asText } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** The four statuses that a charm may set; worst is blocked. */
export type StatusName = 'maintenance' | 'blocked' | 'waiting' | 'active';

/** A status as Juju holds it; `status` may also be Juju's own, such as `unknown` or `error`. */
export interface CurrentStatus {
  readonly status: string;
  readonly message: string;
}

/** Whose status: this unit's, or with `application` the application's (leader only). */
export interface StatusOptions {
  readonly application?: boolean;
}

/** The present status, as set by the charm. */
export function statusGet(options: StatusOptions = {}): CurrentStatus {
  const answer = asObject(askTool('status-get', ['--include-data', ...applicationFlag(options)]));
  const status = options.application ? asObject(answer['application-status']) : answer;
  return { status: asText(status.status), message: asText(status.message) };
}

/** Shown at once, and kept when the hook fails. */
export function statusSet(status: StatusName, message: string, options: StatusOptions = {}): void {
  runTool('status-set', [...applicationFlag(options), '--', status, message]);
}

/** Levels of Juju's log; stdout of a hook is logged as DEBUG, stderr as WARNING, without a process. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** One entry in the unit's log; newlines stay in it. */
export function jujuLog(level: LogLevel, message: string): void {
  runTool('juju-log', ['-l', level, '--', message]);
}

function applicationFlag(options: StatusOptions): string[] {
  return options.application ? ['--application'] : [];
}
