/** @module A State as the world behind hook tools: reads of a copy, and effects that do not wait for exit 0. */

import type { CharmMetadata } from '../charm/metadata.ts';
import { type GoalState, type Json, type NetworkInfo, type StatusInfo, ToolFailure } from '../hook-tools/backend.ts';
import type { HookWorld } from '../hook-tools/transaction.ts';
import type { Event } from './event.ts';
import { toolDefaults } from './event.ts';
import type { LogEntry, UnitStatus } from './results.ts';
import { secretReads } from './secrets.ts';
import type { Relation, State } from './state.ts';

/** What an action asked for so far. */
export interface ActionRecord {
  readonly parameters: { readonly [key: string]: Json };
  readonly results: Record<string, string>;
  readonly log: string[];
  failure?: string;
}

/** A world over `state`: the copy `draft` carries effects that a failing hook does not undo. */
export interface StateWorld {
  readonly world: HookWorld;
  draft: State;
  readonly log: LogEntry[];
  readonly unitStatuses: UnitStatus[];
  readonly appStatuses: UnitStatus[];
  readonly action: ActionRecord | undefined;
}

/** Makes a world for one hook. */
export function stateWorld(metadata: CharmMetadata, event: Event, state: State): StateWorld {
  const inside: StateWorld = {
    draft: state,
    log: [],
    unitStatuses: [],
    appStatuses: [],
    action: event.kind === 'action' ? { parameters: event.parameters, results: {}, log: [] } : undefined,
    world: undefined as unknown as HookWorld,
  };
  const world: HookWorld = {
    defaults: toolDefaults(event, state),
    ...relationReads(inside),
    ...modelReads(metadata, inside),
    ...statusTools(inside),
    ...storageReads(inside),
    ...secretReads(metadata, inside),
    ...actionTools(inside),
  };
  return Object.assign(inside, { world });
}

type Part<K extends keyof HookWorld> = Pick<HookWorld, K>;

function relationReads(
  inside: StateWorld,
): Part<'relation' | 'relationIds' | 'relationList' | 'relationListApp' | 'relationGet' | 'relationModelGet'> {
  const find = (id: number) => inside.draft.relations.find((relation) => relation.id === id);
  const known = (id: number) => find(id) ?? fail('relation not found');
  return {
    relation: (id) => {
      const relation = find(id);
      return relation && { endpoint: relation.endpoint, id };
    },
    relationIds: (endpoint) =>
      inside.draft.relations
        .filter((one) => one.endpoint === endpoint)
        .map((one) => one.id)
        .sort((a, b) => a - b),
    relationList: (id) => Object.keys(known(id).remoteUnits).sort(),
    relationListApp: (id) => known(id).remoteApp,
    relationGet: (id, entity, app) => databag(inside.draft, known(id), entity, app),
    relationModelGet: (id) => known(id).remoteModelUuid ?? inside.draft.model.uuid,
  };
}

function databag(state: State, relation: Relation, entity: string, app: boolean): Readonly<Record<string, string>> {
  if (app && entity === state.unit.replace(/\/\d+$/, '')) return relation.localAppData;
  if (app && entity === relation.remoteApp) return relation.remoteAppData;
  const units = { ...relation.departedUnits, ...relation.remoteUnits, [state.unit]: relation.localUnitData };
  const bag = app ? undefined : units[entity];
  return bag ?? fail('relation unit not found');
}

function modelReads(
  metadata: CharmMetadata,
  inside: StateWorld,
): Part<
  | 'configGet'
  | 'isLeader'
  | 'goalState'
  | 'credentialGet'
  | 'networkGet'
  | 'unitGet'
  | 'resourceGet'
  | 'modelUuid'
  | 'jujuReboot'
> {
  const now = () => inside.draft;
  return {
    configGet: () => ({ ...metadata.configDefaults, ...now().config }),
    isLeader: () => now().leader,
    goalState: () => now().goal ?? goalOf(now()),
    credentialGet: () =>
      now().credential ?? fail('cannot access cloud credentials: getting model credentials: permission denied'),
    networkGet: (binding) =>
      metadata.bindings.includes(binding)
        ? networkOf(now())
        : fail(`no network config found for binding ${JSON.stringify(binding)}`),
    unitGet: (setting) => (setting === 'public-address' ? now().serviceAddress : fail('private address not found')),
    resourceGet: (name) => now().resources[name] ?? fail(`could not download resource: ${name}: resource not found`),
    modelUuid: () => now().model.uuid,
    jujuReboot: () => fail('juju-reboot is not modelled by this stand-in: a Kubernetes unit has no machine'),
  };
}

function networkOf(state: State): NetworkInfo {
  const address = { hostname: state.podAddress, value: state.podAddress, cidr: '0.0.0.0/0' };
  const interfaceName = `placeholder for "${state.unit}" cloud container`;
  return {
    bindAddresses: [{ macAddress: '', interfaceName, addresses: [address] }],
    egressSubnets: [`${state.serviceAddress}/32`],
    ingressAddresses: [state.serviceAddress],
  };
}

function goalOf(state: State): GoalState {
  const since = '2026-01-01 00:00:00Z';
  const relations: Record<string, Record<string, { status: string; since: string }>> = {};
  const units: Record<string, { status: string; since: string }> = {
    [state.unit]: { status: state.unitStatus.status, since },
  };
  for (const relation of state.relations) {
    const remotes = Object.fromEntries(
      Object.keys(relation.remoteUnits).map((unit) => [unit, { status: 'active', since }]),
    );
    if (relation.remoteApp === state.unit.replace(/\/\d+$/, '')) Object.assign(units, remotes);
    else
      relations[relation.endpoint] = {
        ...relations[relation.endpoint],
        [relation.remoteApp]: { status: 'joined', since },
        ...remotes,
      };
  }
  return { units, relations };
}

function statusTools(
  inside: StateWorld,
): Part<
  'statusGet' | 'statusGetApplication' | 'statusSet' | 'statusSetApplication' | 'applicationVersionSet' | 'jujuLog'
> {
  const leading = () => inside.draft.leader || fail('this unit is not the leader');
  const told = ({ status, message }: UnitStatus): StatusInfo => ({ status, message, data: {} });
  return {
    statusGet: () => told(inside.draft.unitStatus),
    statusGetApplication: () => {
      if (!inside.draft.leader) fail('finding application status: this unit is not the leader');
      const units = { [inside.draft.unit]: inside.draft.unitStatus, ...inside.draft.otherUnits };
      const each = Object.entries(units).map(([unit, status]) => [unit, told(status)]);
      return { ...told(inside.draft.appStatus), units: Object.fromEntries(each) };
    },
    statusSet: (status, message) => {
      inside.unitStatuses.push({ status, message });
      inside.draft = { ...inside.draft, unitStatus: { status, message } };
    },
    statusSetApplication: (status, message) => {
      leading();
      inside.appStatuses.push({ status, message });
      inside.draft = { ...inside.draft, appStatus: { status, message } };
    },
    applicationVersionSet: (workloadVersion) => {
      inside.draft = { ...inside.draft, workloadVersion };
    },
    jujuLog: (level, message) => void inside.log.push({ level, message }),
  };
}

function storageReads(inside: StateWorld): Part<'stateGet' | 'openedPorts' | 'storageList' | 'storageGet'> {
  return {
    stateGet: () => inside.draft.stored,
    openedPorts: () => inside.draft.openedPorts,
    storageList: () => inside.draft.storages.map((storage) => storage.id).sort(),
    storageGet: (id) => {
      const storage = inside.draft.storages.find((one) => one.id === id);
      if (storage === undefined) fail(`storage instance ${JSON.stringify(id)} not found`);
      if (storage.attached) return { kind: storage.kind, location: storage.location };
      const tag = `storage-${id.replace('/', '-')}`;
      fail(`mount point for storage attachment "${tag}" for unit "${inside.draft.unit}" missing`);
    },
  };
}

function actionTools(inside: StateWorld): Part<'actionParameters' | 'actionSet' | 'actionLog' | 'actionFail'> {
  return {
    actionParameters: () => inside.action?.parameters,
    actionSet: (key, value) => {
      if (inside.action) inside.action.results[key] = value;
    },
    actionLog: (message) => void inside.action?.log.push(message),
    actionFail: (message) => {
      if (inside.action) inside.action.failure = message;
    },
  };
}

function fail(message: string): never {
  throw new ToolFailure(1, message);
}
