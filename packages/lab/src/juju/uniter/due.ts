/** @module Pure: which hooks a unit's agent has to run now, in the order in which Juju's resolvers choose. */

import { bagVersion, ownEnd, remoteApplication, remoteUnits, toldApplications } from '../model/relations.ts';
import { applicationOf, type Model, type Relation, type RelationView, type Unit } from '../model/state.ts';
import type { HookInfo } from './hook.ts';

/**
 * Hooks that are due for a unit; the first is the one to run.
 *
 * The others are those that Juju could run first when a notice arrives later than another (its watchers are
 * independent, its relations a map without order). Empty: nothing to do.
 * Source: internal/worker/uniter/resolver.go of Juju 4.0, and the recorded sequences.
 */
export function dueHooks(model: Model, unit: Unit): HookInfo[] {
  const { uniter } = unit;
  if (unit.life === 'dead' || uniter.removed || uniter.shutdown === 'done') return [];
  const actions = pendingActions(unit);
  if (uniter.installed && uniter.upgradeDue && uniter.shutdown === 'no' && unit.life === 'alive')
    return [{ name: 'upgrade-charm' }];
  if (uniter.failed) return [...(retryDue(model, unit) ? [uniter.failed.hook] : []), ...actions];
  if (!uniter.installed)
    return unit.life === 'alive' && uniter.shutdown === 'no' ? [{ name: 'install' }] : removal(unit);
  if (uniter.shutdown === 'asked') return uniter.started ? [{ name: 'stop' }] : [];
  if (unit.life === 'dying') return [...uniter.secrets, ...actions, ...teardown(model, unit)];
  return alive(model, unit, actions);
}

/** Not while the pod ends: the try would die with it. */
function retryDue(model: Model, { uniter }: Unit): boolean {
  return uniter.failed !== undefined && uniter.shutdown === 'no' && uniter.failed.retryAt <= model.now();
}

function alive(model: Model, unit: Unit, actions: HookInfo[]): HookInfo[] {
  const { uniter } = unit;
  const early = [...createdHooks(model, unit), ...leadership(model, unit)];
  const queued = uniter.queued ? [uniter.queued] : [];
  const events = [...uniter.workload, ...uniter.secrets, ...actions, ...storageHooks(unit, 'pending', 'attached')];
  if (!uniter.started) return [...early, ...queued, ...(uniter.queued ? [] : [{ name: 'config-changed' }]), ...events];
  const config = uniter.configNotices > 0 ? [{ name: 'config-changed' }] : [];
  const relations = relationsSeen(model, unit).flatMap(({ relation, view }) => relationHooks(unit, relation, view));
  return [
    ...early,
    ...queued,
    ...events,
    ...config,
    ...relations,
    ...(uniter.updateStatusDue ? [{ name: 'update-status' }] : []),
  ];
}

/** When the unit has something to do later by itself: the next try of a failed hook. */
export function nextTry(unit: Unit): number | undefined {
  return unit.uniter.failed?.retryAt;
}

function pendingActions(unit: Unit): HookInfo[] {
  if (unit.uniter.shutdown !== 'no') return [];
  return unit.actions
    .filter((a) => a.state === 'pending')
    .map((a) => ({ name: a.name, action: { id: a.id, params: a.params } }));
}

function createdHooks(model: Model, unit: Unit): HookInfo[] {
  return relationsSeen(model, unit)
    .filter(({ relation, view }) => !view.created && relation.life === 'alive')
    .map(({ relation }) => relationHook(unit, relation, 'created', {}));
}

function leadership(model: Model, unit: Unit): HookInfo[] {
  const leads = applicationOf(model, unit.application).leader === unit.name;
  return leads && !unit.uniter.leaderSeen ? [{ name: 'leader-elected' }] : [];
}

function storageHooks(unit: Unit, state: string, kind: 'attached' | 'detaching'): HookInfo[] {
  return unit.storage
    .filter((s) => s.state === state)
    .map((s) => ({ name: `${s.name}-storage-${kind}`, storage: { id: s.id, location: s.location } }));
}

function teardown(model: Model, unit: Unit): HookInfo[] {
  const storage = storageHooks(unit, 'attached', 'detaching');
  if (storage.length > 0) return storage;
  const seen = unit.uniter.started ? relationsSeen(model, unit) : [];
  const relations = seen.flatMap(({ relation, view }) => brokenHooks(unit, relation, view));
  if (relations.some((hook) => !hook.name.endsWith('-broken') || !isPeer(model, hook))) return relations;
  // Why: relation-broken of peers is not guaranteed: of nine units that a real controller removed, five got it.
  return [...relations, ...removal(unit)];
}

function isPeer(model: Model, hook: HookInfo): boolean {
  return model.relations.get(hook.relation?.id ?? -1)?.ends.length === 1;
}

function removal(unit: Unit): HookInfo[] {
  if (!unit.uniter.installed) return [];
  return unit.uniter.started ? [{ name: 'stop' }] : [{ name: 'remove' }];
}

/** Relations this unit has entered, by number. */
export function relationsSeen(model: Model, unit: Unit): { relation: Relation; view: RelationView }[] {
  return [...unit.uniter.relations]
    .sort(([a], [b]) => a - b)
    .flatMap(([id, view]) => {
      const relation = model.relations.get(id);
      return relation ? [{ relation, view }] : [];
    });
}

function relationHooks(unit: Unit, relation: Relation, view: RelationView): HookInfo[] {
  if (!view.created) return [];
  if (view.changedPending !== undefined) return [changedHook(unit, relation, view.changedPending)];
  if (relation.life !== 'alive') return brokenHooks(unit, relation, view);
  const present = remoteUnits(relation, unit);
  const gone = [...view.members.keys()].filter((name) => !present.includes(name)).sort();
  const told = toldApplications(relation, unit.application).filter(
    ([name, version]) => view.applications.get(name) !== version,
  );
  return [
    ...gone.map((name) => departedHook(unit, relation, name)),
    ...told.map(([, version]) => relationHook(unit, relation, 'changed', { version })),
    ...present
      .filter((name) => !view.members.has(name))
      .map((name) => relationHook(unit, relation, 'joined', { remoteUnit: name })),
    ...present
      .filter((name) => view.members.has(name) && view.members.get(name) !== versionOf(relation, name))
      .map((name) => changedHook(unit, relation, name)),
  ];
}

function brokenHooks(unit: Unit, relation: Relation, view: RelationView): HookInfo[] {
  const members = [...view.members.keys()].sort();
  if (members.length > 0) return members.map((name) => departedHook(unit, relation, name));
  if (!view.created) return [];
  const known = view.remoteKnown && ownEnd(relation, unit.application).role !== 'peer';
  const hook = relationHook(unit, relation, 'broken', {});
  return [known ? hook : { ...hook, relation: { ...hook.relation!, remoteApplication: undefined } }];
}

function departedHook(unit: Unit, relation: Relation, remoteUnit: string): HookInfo {
  const departingUnit = unit.life === 'dying' ? unit.name : remoteUnit;
  return relationHook(unit, relation, 'departed', { remoteUnit, departingUnit });
}

function changedHook(unit: Unit, relation: Relation, remoteUnit: string): HookInfo {
  return relationHook(unit, relation, 'changed', { remoteUnit, version: versionOf(relation, remoteUnit) });
}

function versionOf(relation: Relation, unit: string): string {
  return bagVersion(relation.unitBags.get(unit));
}

function relationHook(
  unit: Unit,
  relation: Relation,
  kind: string,
  more: Partial<NonNullable<HookInfo['relation']>>,
): HookInfo {
  const { endpoint } = ownEnd(relation, unit.application);
  const remote = remoteApplication(relation, unit.application);
  return {
    name: `${endpoint}-relation-${kind}`,
    relation: { endpoint, id: relation.id, remoteApplication: remote, ...more },
  };
}
