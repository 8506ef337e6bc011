/** @module status-get, status-set, juju-log, and the tools of actions. */

import type { HookBackend, Json, StatusInfo } from './backend.ts';
import { ToolFailure } from './backend.ts';
import { quoted, usage } from './flags.ts';
import { smartFormats, sorted } from './format.ts';
import { type Call, only, type Reply, silent, type Tool } from './tool.ts';

const settable = ['maintenance', 'blocked', 'waiting', 'active'];
const levels = new Map(
  Object.entries({
    TRACE: 'TRACE',
    DEBUG: 'DEBUG',
    INFO: 'INFO',
    WARN: 'WARNING',
    WARNING: 'WARNING',
    ERROR: 'ERROR',
    CRITICAL: 'CRITICAL',
  }),
);
const resultKey = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reservedKeys = ['stdout', 'stdout-encoding', 'stderr', 'stderr-encoding'];

/** What people see of a unit, and what they ask of it. */
export const statusTools: Readonly<Record<string, Tool>> = {
  'status-get': {
    flags: { 'include-data': { kind: 'switch' }, application: { kind: 'switch' } },
    formats: smartFormats,
    run: statusGet,
  },
  'status-set': silent(statusSet, { application: { kind: 'switch' } }),
  'juju-log': silent(log, {
    debug: { kind: 'switch' },
    l: { kind: 'text' },
    'log-level': { kind: 'text', as: 'l' },
    format: { kind: 'text' },
  }),
  'action-get': { flags: {}, formats: smartFormats, run: actionGet },
  'action-set': silent(actionSet),
  'action-log': silent(actionLog),
  'action-fail': silent(actionFail),
};

function statusGet(call: Call): Reply {
  only(0, call);
  const data = call.on.has('include-data');
  const bare = !data && call.format === 'smart';
  if (!call.on.has('application')) {
    const info = call.backend.statusGet();
    return { value: bare ? info.status : details(info, data) };
  }
  const info = call.backend.statusGetApplication();
  if (bare) return { value: info.status };
  const units = Object.fromEntries(Object.entries(info.units).map(([unit, one]) => [unit, details(one, data)]));
  return { value: sorted({ 'application-status': { ...details(info, data), units } }) };
}

function details(info: StatusInfo, data: boolean): { readonly [key: string]: Json } {
  if (!data) return { status: info.status };
  return { message: info.message, status: info.status, 'status-data': sorted(info.data as Json) };
}

function statusSet(call: Call): void {
  const [status, message = ''] = call.positional;
  if (status === undefined) throw usage('invalid args, require <status> [message]');
  if (!settable.includes(status)) {
    throw usage(`invalid status ${quoted(status)}, expected one of [${settable.join(' ')}]`);
  }
  only(2, call);
  if (call.on.has('application')) call.backend.statusSetApplication(status, message);
  else call.backend.statusSet(status, message);
}

function log(call: Call): void {
  if (call.positional.length === 0) throw usage('no message specified');
  const asked = call.on.has('debug') ? 'DEBUG' : (call.text.get('l') ?? 'INFO');
  const level = levels.get(asked.toUpperCase());
  if (level === undefined) call.backend.jujuLog('WARNING', `Specified log level of ${quoted(asked)} is not valid`);
  const relation = call.backend.defaults.relation;
  const prefix = relation ? `${relation.endpoint}:${relation.id}: ` : '';
  call.backend.jujuLog(level ?? 'INFO', prefix + call.positional.join(' '));
}

function parametersOf(backend: HookBackend): { readonly [key: string]: Json } {
  const parameters = backend.actionParameters();
  if (parameters === undefined) throw new ToolFailure(1, 'not running an action');
  return parameters;
}

function actionGet(call: Call): Reply {
  only(1, call);
  const parameters = parametersOf(call.backend);
  const [path] = call.positional;
  if (path === undefined) return { value: sorted(parameters) };
  let value: Json | undefined = parameters;
  for (const key of path.split('.')) {
    const inner: Json | undefined = value;
    value = isMap(inner) ? inner[key] : undefined;
  }
  return { value: sorted(value ?? null) };
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function actionSet(call: Call): void {
  const pairs = call.positional.map(resultPair);
  parametersOf(call.backend);
  for (const [key, value] of pairs) call.backend.actionSet(key, value);
}

function resultPair(arg: string): [string, string] {
  const equals = arg.indexOf('=');
  if (equals < 0) throw usage(`argument ${quoted(arg)} must be of the form key...=value`);
  const path = arg.slice(0, equals);
  for (const key of path.split('.')) {
    if (!resultKey.test(key))
      throw usage(
        `key ${quoted(key)} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
      );
    if (reservedKeys.includes(key)) throw usage(`cannot set reserved action key "${key}"`);
  }
  return [path, arg.slice(equals + 1)];
}

function actionLog(call: Call): void {
  if (call.positional.length === 0) throw usage('no message specified');
  parametersOf(call.backend);
  call.backend.actionLog(call.positional.join(' '));
}

function actionFail(call: Call): void {
  const [message = 'action failed without reason given, check action for errors'] = call.positional;
  only(1, call);
  parametersOf(call.backend);
  call.backend.actionFail(message);
}
