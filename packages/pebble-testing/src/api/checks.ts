/** @module Checks and health over the API. */
import { ChecksNotFound } from '../checks/watcher.ts';
import type { Daemon } from '../daemon.ts';
import { quote } from '../plan/read.ts';
import { type Answer, type Incoming, jsonBody, names, Refusal, sync, texts } from './answer.ts';

/** GET /v1/checks. */
export function getChecks(daemon: Daemon, request: Incoming): Answer {
  const level = levelOf(request);
  const wanted = names(request, 'names');
  const checks = daemon.checks.list().filter((check) => level === '' || check.level === level);
  return sync(checks.filter((check) => wanted.length === 0 || wanted.includes(String(check.name))));
}

/** POST /v1/checks: start, stop. */
export function postChecks(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request);
  const action = String(body.action ?? '');
  const checks = texts(body.checks);
  if (checks.length === 0) throw new Refusal(400, `must specify checks for ${action} action`);
  if (action !== 'start' && action !== 'stop') throw new Refusal(400, `invalid action ${quote(action)}`);
  try {
    const changed = daemon.checks[action](checks);
    // Go writes a list that was never made as null.
    return sync({ changed: changed.length === 0 ? null : changed });
  } catch (error) {
    if (error instanceof ChecksNotFound) throw new Refusal(400, `cannot ${action} checks: ${error.message}`);
    throw error;
  }
}

/** POST /v1/checks/refresh. */
export async function refreshCheck(daemon: Daemon, request: Incoming): Promise<Answer> {
  const name = String(jsonBody(request).name ?? '');
  if (name === '') throw new Refusal(400, 'must specify check name');
  const result = await daemon.checks.refresh(name);
  if (result === undefined) throw new Refusal(404, `cannot find check with name ${quote(name)}`);
  return sync({ info: result.info, ...(result.error === undefined ? {} : { error: result.error.whole }) });
}

/** GET /v1/health: 502 of type sync when a check is down. */
export function getHealth(daemon: Daemon, request: Incoming): Answer {
  const level = levelOf(request);
  const wanted = names(request, 'names');
  const healthy = !daemon.checks.list().some((check) => {
    const counts = level === '' || check.level === level || (level === 'ready' && check.level === 'alive');
    return counts && check.status === 'down' && (wanted.length === 0 || wanted.includes(String(check.name)));
  });
  return sync({ healthy }, healthy ? 200 : 502);
}

function levelOf(request: Incoming): string {
  const level = request.query.get('level') ?? '';
  if (!['', 'alive', 'ready'].includes(level)) throw new Refusal(400, 'level must be "alive" or "ready"');
  return level;
}
