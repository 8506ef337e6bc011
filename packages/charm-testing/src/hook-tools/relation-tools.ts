/** @module relation-ids, relation-list, relation-get, relation-set, relation-model-get. */

import type { HookBackend, Json } from './backend.ts';
import { type FlagTable, quoted, usage } from './flags.ts';
import { smartFormats, sorted } from './format.ts';
import { type Call, only, pairsOf, type Reply, relationOf, type Tool } from './tool.ts';

const relationFlags: FlagTable = { r: { kind: 'relation' }, relation: { kind: 'relation', as: 'r' } };
const bagFlags: FlagTable = { ...relationFlags, app: { kind: 'switch' } };

const unitName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*\/\d+$/;
const applicationName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** The five tools of relations. */
export const relationTools: Readonly<Record<string, Tool>> = {
  'relation-ids': { flags: {}, formats: smartFormats, run: ids },
  'relation-list': { flags: bagFlags, formats: smartFormats, run: list },
  'relation-get': { flags: bagFlags, formats: smartFormats, run: get },
  'relation-set': { flags: { ...bagFlags, file: { kind: 'text' } }, run: set },
  'relation-model-get': { flags: relationFlags, formats: smartFormats, run: model },
};

function ids(call: Call): Reply {
  const endpoint = call.positional[0] ?? call.backend.defaults.relation?.endpoint;
  if (endpoint === undefined) throw usage('no endpoint name specified');
  only(1, call);
  return { value: call.backend.relationIds(endpoint).map((id) => `${endpoint}:${id}`) };
}

function list(call: Call): Reply {
  const id = relationOf(call);
  only(0, call);
  if (call.on.has('app')) return { value: call.backend.relationListApp(id) };
  return { value: call.backend.relationList(id) };
}

function get(call: Call): Reply {
  const id = relationOf(call);
  const [key = '-', entity] = call.positional;
  const whose = bagOwner(call.backend, entity, call.on.has('app'));
  only(2, call);
  const bag = call.backend.relationGet(id, whose.entity, whose.app);
  return { value: key === '-' || key === '' ? sorted(bag) : (bag[key] ?? null) };
}

/** Whose databag: the one named, else the hook's remote unit, else its remote application. */
function bagOwner(backend: HookBackend, entity: string | undefined, app: boolean): { entity: string; app: boolean } {
  if (entity !== undefined) return { entity: named(entity, app), app };
  const hook = backend.defaults.relation;
  if (!app && hook?.remoteUnit) return { entity: hook.remoteUnit, app: false };
  if (hook?.remoteApplication) return { entity: hook.remoteApplication, app: true };
  throw usage('no unit or application specified');
}

function named(entity: string, app: boolean): string {
  if (app) return entity.replace(/\/\d+$/, '');
  if (unitName.test(entity)) return entity;
  if (applicationName.test(entity)) throw usage(`expected unit name, got application name ${quoted(entity)}`);
  throw usage(`invalid unit name ${quoted(entity)}`);
}

function set(call: Call): Reply {
  const id = relationOf(call);
  call.backend.relationSet(id, pairsOf(call), call.on.has('app'));
  return undefined;
}

function model(call: Call): Reply {
  const id = relationOf(call);
  only(0, call);
  const answer: Json = { uuid: call.backend.relationModelGet(id) };
  return { value: answer };
}
