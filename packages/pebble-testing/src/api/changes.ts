/** @module Changes over the API: looking, waiting, aborting. */
import type { Change } from '../changes.ts';
import type { Daemon } from '../daemon.ts';
import { formatDuration, parseDuration } from '../duration.ts';
import { quote } from '../plan/read.ts';
import { type Answer, type Incoming, jsonBody, Refusal, sync } from './answer.ts';

/** GET /v1/changes. */
export function getChanges(daemon: Daemon, request: Incoming): Answer {
  const select = request.query.get('select') || 'in-progress';
  if (!['all', 'in-progress', 'ready'].includes(select))
    throw new Refusal(400, 'select should be one of: all,in-progress,ready');
  const service = request.query.get('for');
  const changes = daemon.changes.list().filter((change) => select === 'all' || change.isReady === (select === 'ready'));
  return sync(
    changes.filter((change) => !service || change.services.includes(service)).map((change) => change.toJson()),
  );
}

/** GET /v1/changes/{id}. */
export function getChange(daemon: Daemon, request: Incoming): Answer {
  return sync(find(daemon, request).toJson());
}

/** GET /v1/changes/{id}/wait. */
export async function waitChange(daemon: Daemon, request: Incoming): Promise<Answer> {
  const change = find(daemon, request);
  const timeoutMs = durationOf(request, 'timeout');
  const over = Promise.withResolvers<'over'>();
  const timer = timeoutMs === 0 ? undefined : setTimeout(() => over.resolve('over'), timeoutMs);
  request.gone.addEventListener('abort', () => over.resolve('over'), { once: true });
  const outcome = await Promise.race([change.ended, over.promise]);
  clearTimeout(timer);
  if (outcome === 'over') throw new Refusal(504, `timed out waiting for change after ${formatDuration(timeoutMs)}`);
  return sync(change.toJson());
}

/** POST /v1/changes/{id}: abort. */
export function postChange(daemon: Daemon, request: Incoming): Answer {
  const change = find(daemon, request);
  const action = String(jsonBody(request).action ?? '');
  if (action !== 'abort') throw new Refusal(400, `invalid action ${quote(action)}`);
  if (change.isReady) throw new Refusal(400, `cannot abort change ${change.id} with nothing pending`);
  change.abort();
  return sync(change.toJson());
}

/** A duration of the query in milliseconds, 0 when it is not there; throws Refusal for anything else. */
export function durationOf(request: Incoming, key: string): number {
  const text = request.query.get(key) ?? '';
  if (text === '') return 0;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new Refusal(400, `invalid ${key}: time: invalid duration ${quote(text)}`);
  return milliseconds;
}

function find(daemon: Daemon, request: Incoming): Change {
  const id = request.params[0] ?? '';
  const change = daemon.changes.find(id);
  if (change === undefined) throw new Refusal(404, `cannot find change with id ${quote(id)}`);
  return change;
}
