/** @module Answers of the model to hook tools in one hook: a HookWorld of charm-testing over the controller's model. */

import {
  type ConfigValue,
  type GoalState,
  type HookWorld,
  type Json,
  type NetworkInfo,
  ToolFailure,
} from '@vpn-k8s/charm-testing';
import { ownEnd, relationsOf, remoteApplication, viewOf } from '../model/relations.ts';
import { ownedIds, readSecret, secretInfo } from '../model/secrets.ts';
import {
  type Action,
  type Application,
  applicationOf,
  type Databag,
  type Model,
  type Relation,
  type StatusEntry,
  type Unit,
  unitsOf,
} from '../model/state.ts';
import { applicationStatus, setApplicationStatus, shownStatus } from '../model/status.ts';
import { agentDir } from './environment.ts';
import type { HookInfo } from './hook.ts';

/** What the model cannot know by itself. */
export interface WorldOptions {
  /** The CloudSpec for credential-get. */
  readonly cloud: (application: string) => Json;
  /** Base of the controller's address in messages of resource-get. */
  readonly controllerUrl: string;
  readonly log: (unit: string, level: string, message: string) => void;
}

/**
 * The world of one hook of one unit.
 *
 * Databags of others are kept once read - of joined units until a hook tells of a change, else for this hook - as Juju
 * does (seen in the recordings).
 */
export function hookWorld(model: Model, unit: Unit, hook: HookInfo, options: WorldOptions): HookWorld {
  const application = applicationOf(model, unit.application);
  const action = unit.actions.find((a) => a.id === hook.action?.id);
  return {
    defaults: defaultsOf(unit, hook),
    ...relationAnswers(model, unit),
    ...applicationAnswers(model, unit, application, options),
    ...statusAnswers(model, unit, application),
    ...actionAnswers(model, action),
    jujuLog: (level, message) => options.log(unit.name, level, message),
    jujuReboot: () => refuse('juju-reboot is not available on Kubernetes'),
    stateGet: () => unit.state,
    openedPorts: () => unit.ports,
    secretGet: (request) => readSecret(model, unit, request),
    secretInfoGet: (request) => secretInfo(model, unit, request),
    secretIds: () => ownedIds(model, unit),
    modelUuid: () => model.uuid,
    storageList: () => unit.storage.map((s) => s.id).sort(),
    storageGet: (id) => storageOf(unit, id),
    resourceGet: (name) => resourceOf(model, unit, application, name, options.controllerUrl),
  };
}

function refuse(message: string, code = 1): never {
  throw new ToolFailure(code, message);
}

function defaultsOf(unit: Unit, hook: HookInfo): HookWorld['defaults'] {
  const { relation, storage } = hook;
  return {
    unit: unit.name,
    ...(relation && {
      relation: {
        endpoint: relation.endpoint,
        id: relation.id,
        ...(relation.remoteApplication === undefined ? {} : { remoteApplication: relation.remoteApplication }),
        ...(relation.remoteUnit === undefined ? {} : { remoteUnit: relation.remoteUnit }),
      },
    }),
    ...(storage && { storage: storage.id }),
  };
}

function relationAnswers(model: Model, unit: Unit) {
  const thisHook = new Map<string, Readonly<Databag>>();
  const known = (id: number): Relation =>
    (viewOf(unit, id) && model.relations.get(id)) || refuse('relation not found', 2);
  return {
    relation: (id: number) => {
      const relation = viewOf(unit, id) && model.relations.get(id);
      return relation && { endpoint: ownEnd(relation, unit.application).endpoint, id };
    },
    relationIds: (endpoint: string) =>
      relationsOf(model, unit.application)
        .filter((r) => viewOf(unit, r.id) && ownEnd(r, unit.application).endpoint === endpoint)
        .map((r) => r.id),
    relationList: (id: number) => [...(viewOf(unit, id)?.members.keys() ?? [])].sort(),
    relationListApp: (id: number) => remoteApplication(known(id), unit.application),
    relationModelGet: (id: number) => {
      known(id);
      return model.uuid;
    },
    relationGet: (id: number, entity: string, app: boolean) => {
      const relation = known(id);
      if (entity === unit.name || (app && entity === unit.application)) return bagOf(relation, entity, app);
      const view = viewOf(unit, id);
      const cache = view && !app && view.members.has(entity) ? view.read : thisHook;
      const key = `${id} ${entity} ${app}`;
      const bag = cache.get(key) ?? bagOf(relation, entity, app);
      cache.set(key, bag);
      return bag;
    },
  };
}

function bagOf(relation: Relation, entity: string, app: boolean): Readonly<Record<string, string>> {
  if (app && relation.ends.some((e) => e.application === entity)) return { ...relation.applicationBags.get(entity) };
  const bag = app ? undefined : relation.unitBags.get(entity);
  return bag ? { ...bag } : refuse('relation unit not found');
}

function applicationAnswers(model: Model, unit: Unit, application: Application, options: WorldOptions) {
  return {
    configGet: () => effectiveConfig(application),
    isLeader: () => application.leader === unit.name,
    goalState: () => goalState(model, unit),
    credentialGet: () =>
      application.trust
        ? options.cloud(application.name)
        : refuse('cannot access cloud credentials: getting model credentials: permission denied'),
    networkGet: (binding: string) => networkOf(unit, application, binding),
    unitGet: (setting: 'private-address' | 'public-address') =>
      setting === 'public-address' ? application.clusterIp : refuse('private address not found'),
    applicationVersionSet: (version: string) => {
      application.workloadVersion = version;
    },
  };
}

function statusAnswers(model: Model, unit: Unit, application: Application) {
  return {
    statusGet: () => info(unit.status),
    statusGetApplication: () => ({
      ...info(applicationStatus(model, application)),
      units: Object.fromEntries(unitsOf(model, application.name).map((u) => [u.name, info(shownStatus(u))])),
    }),
    statusSet: (status: string, message: string) => {
      unit.status = { status, message, data: {}, since: model.now() };
      model.changed();
    },
    statusSetApplication: (status: string, message: string) => {
      if (application.leader !== unit.name) refuse('this unit is not the leader');
      setApplicationStatus(model, application, status, message);
    },
  };
}

function actionAnswers(model: Model, action: Action | undefined) {
  const running = () => action ?? refuse('not running an action');
  return {
    actionParameters: () => action?.params,
    actionSet: (key: string, value: string) => setNested(running().results, key.split('.'), value),
    actionLog: (message: string) => void running().log.push({ at: model.now(), message }),
    actionFail: (message: string) => {
      Object.assign(running(), {
        state: 'failed',
        message: message || 'action failed without reason given, check action for errors',
      });
    },
  };
}

function setNested(into: Record<string, Json>, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = into[first];
  const map: Record<string, Json> =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...(inner as Record<string, Json>) } : {};
  setNested(map, rest, value);
  into[first] = map;
}

/** Options with defaults and the operator's settings; null where neither says anything. */
export function effectiveConfig(application: Application): Record<string, ConfigValue> {
  return Object.fromEntries(
    Object.entries(application.charm.options).map(([name, option]) => [
      name,
      application.settings[name] ?? option.default,
    ]),
  );
}

function info({ status, message, data }: StatusEntry) {
  return { status, message, data };
}

function goalState(model: Model, unit: Unit): GoalState {
  const relations: Record<string, Record<string, { status: string; since: string }>> = {};
  for (const relation of relationsOf(model, unit.application)) {
    const { endpoint, role } = ownEnd(relation, unit.application);
    if (role === 'peer') continue;
    const remote = remoteApplication(relation, unit.application);
    relations[endpoint] ??= {};
    relations[endpoint][remote] = { status: 'joined', since: goalTime(relation.since) };
    for (const other of unitsOf(model, remote)) relations[endpoint][other.name] = goalUnit(other);
  }
  return { units: Object.fromEntries(unitsOf(model, unit.application).map((u) => [u.name, goalUnit(u)])), relations };
}

function goalUnit(unit: Unit): { status: string; since: string } {
  return { status: unit.life === 'alive' ? shownStatus(unit).status : 'dying', since: goalTime(unit.status.since) };
}

/** `2026-11-22 16:45:40Z`: not RFC 3339. */
function goalTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

function networkOf(unit: Unit, application: Application, binding: string): NetworkInfo {
  const { endpoints, extraBindings } = application.charm.metadata;
  if (![...endpoints.map((e) => e.name), ...extraBindings, 'juju-info'].includes(binding))
    refuse(`no network config found for binding "${binding}"`);
  const address = { hostname: unit.address, value: unit.address, cidr: '0.0.0.0/0' };
  return {
    bindAddresses: [
      { macAddress: '', interfaceName: `placeholder for "${unit.name}" cloud container`, addresses: [address] },
    ],
    egressSubnets: [`${application.clusterIp}/32`],
    ingressAddresses: [application.clusterIp],
  };
}

function storageOf(unit: Unit, id: string) {
  const storage = unit.storage.find((s) => s.id === id);
  const tag = `storage-${id.replace('/', '-')}`;
  if (!storage) return refuse(`storage instance "${id}" not found`, 2);
  if (storage.state === 'pending')
    return refuse(`mount point for storage attachment "${tag}" for unit "${unit.name}" missing`, 2);
  return { kind: 'filesystem' as const, location: storage.location };
}

function resourceOf(model: Model, unit: Unit, application: Application, name: string, url: string): string {
  const spec = application.charm.metadata.resources[name];
  if (spec && name in application.resources)
    return `${agentDir(unit.name)}/resources/${spec.type === 'oci-image' ? 'content.yaml' : (spec.filename ?? name)}`;
  const path = `${url}/model/${model.uuid}/units/unit-${unit.name.replace('/', '-')}/resources/${name}`;
  return refuse(
    `could not download resource: HTTP request failed: Get ${path}: getting UUID of resource ${name} for application ${application.uuid}: resource not found`,
  );
}
