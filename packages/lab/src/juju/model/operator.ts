/** @module What an operator does to the model: deploy, config, trust, scale, refresh, remove, actions, user secrets. */

import { randomBytes, randomUUID } from 'node:crypto';
import type { ConfigValue, Json } from '@vpn-k8s/charm-testing';
import type { Charm } from '../charm/archive.ts';
import { actionParameters, checkValue } from '../charm/options.ts';
import { addPeerRelations, relationsOf, removeRelation, synchronizeScopes } from './relations.ts';
import { addSecret, grantSecret, newSecretId } from './secrets.ts';
import { type Action, type Application, applicationOf, type Model, type Unit, unitOf, unitsOf } from './state.ts';

/** Options of `juju deploy`. */
export interface DeployOptions {
  readonly application?: string;
  readonly trust?: boolean;
  readonly config?: Readonly<Record<string, ConfigValue>>;
  /** `name=image:tag` or `name=path` of `--resource`. */
  readonly resources?: Readonly<Record<string, string>>;
  /** `data=1G`: sizes of storages. */
  readonly storage?: Readonly<Record<string, string>>;
  readonly units?: number;
}

const APPLICATION_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** Adds an application with its peer relations and units; refuses what `juju deploy` refuses. */
export function deploy(model: Model, charm: Charm, options: DeployOptions): Application {
  const name = options.application ?? charm.metadata.name;
  if (!APPLICATION_NAME.test(name)) throw new Error(`invalid application name "${name.slice(0, 60)}"`);
  if (model.applications.has(name)) throw new Error(`application "${name}" already exists`);
  const resources = { ...options.resources };
  checkResources(charm, resources);
  const application: Application = {
    name,
    uuid: randomUUID(),
    charm,
    charmModified: 0,
    life: 'alive',
    trust: options.trust ?? false,
    settings: checkedSettings(charm, options.config ?? {}),
    status: undefined,
    workloadVersion: '',
    clusterIp: '',
    resources,
    leader: undefined,
    scale: 0,
    uniqueId: randomBytes(3).toString('hex'),
    storage: Object.fromEntries(
      charm.metadata.storage.map((s) => [
        s.name,
        { size: options.storage?.[s.name] ?? s.minimumSize ?? '1G', count: s.minimumCount },
      ]),
    ),
  };
  model.applications.set(name, application);
  addPeerRelations(model, application);
  for (let n = 0; n < (options.units ?? 1); n++) addUnit(model, name);
  return application;
}

function checkResources(charm: Charm, given: Readonly<Record<string, string>>): void {
  const { resources, containers } = charm.metadata;
  const unknown = Object.keys(given).find((name) => !(name in resources));
  if (unknown) throw new Error(`unrecognized resource "${unknown}"`);
  const images = containers.flatMap((c) => (c.resource !== undefined && !(c.resource in given) ? [c.resource] : []));
  if (images.length > 0) throw new Error(`local charm missing OCI images for: [${[...new Set(images)].join(', ')}]`);
  const kinds = new Set(Object.keys(given).map((name) => resources[name]?.type));
  // Why: Juju 4.0.15 looks a resource's kind up by charm, not by name (seen with a real controller).
  if (kinds.size > 1)
    throw new Error(
      'a local charm with both an oci-image and a file resource cannot be deployed on Juju 4.0.15: put the file into the charm',
    );
}

function checkedSettings(charm: Charm, given: Readonly<Record<string, ConfigValue>>): Record<string, ConfigValue> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const option = charm.options[name];
      if (!option) throw new Error(`unknown option "${name}"`);
      return [name, checkValue(name, option, value)];
    }),
  );
}

/** Adds the next unit; it runs nothing before its pod introduces itself. */
export function addUnit(model: Model, name: string): Unit {
  const application = applicationOf(model, name);
  const number = application.scale++;
  const idle = { status: 'allocating', message: '', data: {}, since: model.now() };
  const unit: Unit = {
    name: `${name}/${number}`,
    application: name,
    number,
    life: 'alive',
    agent: idle,
    status: { status: 'waiting', message: 'installing agent', data: {}, since: model.now() },
    address: '',
    podUid: '',
    agentProcess: '',
    lost: true,
    state: {},
    ports: [],
    storage: newStorage(model, application),
    actions: [],
    uniter: {
      installed: false,
      started: false,
      shutdown: 'no',
      upgradeDue: false,
      configNotices: 0,
      queued: undefined,
      failed: undefined,
      leaderSeen: false,
      relations: new Map(),
      workload: [],
      secrets: [],
      updateStatusDue: false,
      removed: false,
    },
  };
  model.units.set(unit.name, unit);
  model.changed();
  return unit;
}

function newStorage(model: Model, application: Application): Unit['storage'] {
  return Object.entries(application.storage).flatMap(([name, { count }]) =>
    Array.from({ length: count }, (_, n) => ({
      id: `${name}/${model.next.storage++}`,
      name,
      location: `/var/lib/juju/storage/${name}-${n}`,
      state: 'pending' as const,
    })),
  );
}

/** Makes a unit the leader; it runs leader-elected if it was not leader before. */
export function elect(model: Model, unit: string): void {
  const application = applicationOf(model, unitOf(model, unit).application);
  if (application.leader === unit) return;
  const earlier = application.leader === undefined ? undefined : model.units.get(application.leader);
  if (earlier) earlier.uniter.leaderSeen = false;
  application.leader = unit;
  model.changed();
}

/** `juju config`: every unit is told twice when a value really changes. */
export function configure(model: Model, name: string, values: Readonly<Record<string, ConfigValue>>): void {
  const application = applicationOf(model, name);
  const settings = checkedSettings(application.charm, values);
  const before = JSON.stringify(application.settings);
  Object.assign(application.settings, settings);
  if (JSON.stringify(application.settings) !== before) tellConfig(model, name);
}

/** `juju trust`: same notices as configuration. Returns whether it changed. */
export function trust(model: Model, name: string, on = true): boolean {
  const application = applicationOf(model, name);
  if (application.trust === on) return false;
  application.trust = on;
  tellConfig(model, name);
  return true;
}

function tellConfig(model: Model, name: string): void {
  for (const unit of unitsOf(model, name)) if (unit.uniter.started) unit.uniter.configNotices = 2;
  model.changed();
}

/** `juju refresh` or attach-resource: the pods are replaced, each unit sees stop, upgrade-charm and so on. */
export function refresh(
  model: Model,
  name: string,
  change: { charm?: Charm; resources?: Readonly<Record<string, string>> },
): void {
  const application = applicationOf(model, name);
  if (change.charm && change.charm.metadata.name !== application.charm.metadata.name) {
    throw new Error(`cannot upgrade "${application.charm.metadata.name}" to "${change.charm.metadata.name}"`);
  }
  application.charm = change.charm ?? application.charm;
  Object.assign(application.resources, change.resources);
  checkResources(application.charm, application.resources);
  application.charmModified++;
}

/** Removes the units with the highest numbers until `count` are left. */
export function scaleTo(model: Model, name: string, count: number): void {
  const application = applicationOf(model, name);
  while (application.scale < count) addUnit(model, name);
  for (const unit of unitsOf(model, name)) if (unit.number >= count) unit.life = 'dying';
  application.scale = count;
  model.changed();
}

/** `juju remove-application`: relations die, units depart, stop and remove. */
export function removeApplication(model: Model, name: string): void {
  const application = applicationOf(model, name);
  application.life = 'dying';
  for (const relation of relationsOf(model, name)) removeRelation(model, relation);
  for (const unit of unitsOf(model, name)) unit.life = 'dying';
  application.scale = 0;
  model.changed();
}

/** `juju resolve`: the failed hook is tried now; notices of configuration stay for later (seen in the recordings). */
export function resolve(model: Model, unit: string): void {
  const { uniter } = unitOf(model, unit);
  if (!uniter.failed) throw new Error(`unit "${unit}" is not in an error state`);
  uniter.queued = uniter.failed.hook;
  uniter.failed = undefined;
  model.changed();
}

/** `juju run`: checks name and parameters, then queues the action; the sentence of a refusal is Juju's. */
export function runAction(model: Model, unit: string, name: string, given: Readonly<Record<string, Json>>): Action {
  const found = unitOf(model, unit);
  const spec = applicationOf(model, found.application).charm.actions[name];
  if (!spec) throw new Error(`action "${name}" not defined on unit "${unit}"`);
  const action: Action = {
    id: nextAction(model),
    name,
    unit,
    params: {},
    state: 'pending',
    message: '',
    results: {},
    log: [],
  };
  model.actions.push(action);
  try {
    action.params = actionParameters(spec, given);
  } catch (error) {
    Object.assign(action, { state: 'failed', message: `cannot run "${name}" action: ${(error as Error).message}` });
    return action;
  }
  found.actions.push(action);
  model.changed();
  return action;
}

/** Juju counts operations and tasks in one row: the task of operation 0 is 1. */
function nextAction(model: Model): number {
  const id = model.next.action + 1;
  model.next.action += 2;
  return id;
}

/** `juju add-secret`: a secret of the model, readable only after grant-secret. Returns its bare id. */
export function addUserSecret(model: Model, label: string, content: Readonly<Record<string, string>>): string {
  if ([...model.secrets.values()].some((s) => s.owner.kind === 'model' && s.label === label))
    throw new Error(`secret with label "${label}" already exists`);
  return addSecret(model, newSecretId(), { kind: 'model', name: model.name }, label, content).id;
}

/** `juju grant-secret`, by label or id. */
export function grantUserSecret(model: Model, secret: string, application: string): void {
  applicationOf(model, application);
  grantSecret(userSecret(model, secret), application, undefined);
}

/** A user secret by label or id; throws `secret "x" not found`. */
export function userSecret(model: Model, name: string) {
  const id = name.replace(/^secret:/, '');
  const found = [...model.secrets.values()].find((s) => s.owner.kind === 'model' && (s.label === name || s.id === id));
  if (!found) throw new Error(`secret "${name}" not found`);
  return found;
}

/** After a relation was made: units that run enter it. */
export function startRelation(model: Model): void {
  synchronizeScopes(model);
  model.changed();
}
