/** @module Notices over the API. */

import { parseTime } from '../clock.ts';
import type { Daemon } from '../daemon.ts';
import { parseDuration } from '../duration.ts';
import { quote } from '../plan/read.ts';
import { type Answer, type Incoming, jsonBody, names, Refusal, sync } from './answer.ts';
import { durationOf } from './changes.ts';

const keyPattern = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+(\/[a-z0-9]+(-[a-z0-9]+)*)+$/;
const types = ['custom', 'change-update', 'warning'];

/** GET /v1/notices, with `timeout` as a long poll. */
export async function getNotices(daemon: Daemon, request: Incoming): Promise<Answer> {
  const { query } = request;
  const users = query.get('users');
  if (users !== null && query.has('user-id'))
    throw new Refusal(400, 'cannot use both "users" and "user-id" parameters');
  if (users !== null && users !== 'all') throw new Refusal(400, 'invalid "users" filter: must be "all"');
  const asked = names(request, 'types');
  const known = asked.filter((type) => types.includes(type));
  if (asked.length > 0 && known.length === 0) return sync([]);
  const timeoutMs = durationOf(request, 'timeout');
  const filter = {
    userId: users === 'all' ? undefined : userOf(request),
    types: known,
    keys: names(request, 'keys'),
    after: afterOf(request),
  };
  return sync(
    timeoutMs === 0 ? daemon.notices.list(filter) : await daemon.notices.wait(filter, timeoutMs, request.gone),
  );
}

/** GET /v1/notices/{id}. */
export function getNotice(daemon: Daemon, request: Incoming): Answer {
  const id = request.params[0] ?? '';
  const notice = daemon.notices.find(id);
  if (notice === undefined) throw new Refusal(404, `cannot find notice with ID ${quote(id)}`);
  return sync(notice);
}

/** POST /v1/notices: add a custom notice. */
export function postNotices(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request, 'request body');
  const [action, type, key] = ['action', 'type', 'key'].map((name) => String(body[name] ?? ''));
  if (action !== 'add') throw new Refusal(400, `invalid action ${quote(action!)}`);
  if (type !== 'custom') throw new Refusal(400, `invalid type ${quote(type!)} (can only add "custom" notices)`);
  if (!keyPattern.test(key!))
    throw new Refusal(400, `invalid key ${quote(key!)} (must be in "example.com/path" format)`);
  if (key!.length > 256) throw new Refusal(400, 'key must be 256 bytes or less');
  const repeatAfter = String(body['repeat-after'] ?? '');
  const repeatAfterMs = repeatAfter === '' ? 0 : parseDuration(repeatAfter);
  if (repeatAfterMs === undefined)
    throw new Refusal(400, `invalid repeat-after: time: invalid duration ${quote(repeatAfter)}`);
  return sync({ id: daemon.notices.add(ownUser(), 'custom', key!, dataOf(body.data), repeatAfterMs) });
}

function dataOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (JSON.stringify(value).length > 4096) throw new Refusal(400, 'total size of data must be 4096 bytes or less');
  const isFine = typeof value === 'object' && Object.values(value).every((item) => typeof item === 'string');
  if (!isFine)
    throw new Refusal(400, 'cannot decode notice data: json: cannot unmarshal into Go value of type map[string]string');
  return value as Record<string, string>;
}

/** Who asks cannot be seen from Node: everybody counts as the user that this Pebble runs as. */
function ownUser(): number {
  return process.getuid!();
}

function userOf(request: Incoming): number {
  const text = request.query.get('user-id');
  if (text === null) return ownUser();
  if (!/^\d+$/.test(text))
    throw new Refusal(400, `invalid "user-id" filter: strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
}

function afterOf(request: Incoming): bigint {
  const text = request.query.get('after') ?? '';
  const time = text === '' ? 0n : parseTime(text);
  if (time === undefined) throw new Refusal(400, `invalid "after" timestamp: parsing time ${quote(text)}`);
  return time;
}
