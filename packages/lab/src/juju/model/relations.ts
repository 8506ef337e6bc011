/** @module Relations of the model: making, entering and leaving scope, databags and their versions, tearing down. */

import {
  type Application,
  applicationOf,
  applicationPart,
  type Databag,
  type Model,
  type Relation,
  type RelationEnd,
  type RelationView,
  type Unit,
  unitsOf,
} from './state.ts';

/** Names an end as the operator writes it, `alpha:db` or `alpha`. */
export type EndName = string;

/**
 * Relates two applications (`juju integrate`).
 *
 * Throws Juju's sentences: no such endpoint, no or several fitting pairs, already related.
 */
export function integrate(model: Model, a: EndName, b: EndName): Relation {
  const pairs = candidateEnds(model, a).flatMap((x) =>
    candidateEnds(model, b)
      .filter((y) => fits(model, x, y))
      .map((y) => [x, y] as const),
  );
  if (pairs.length === 0)
    throw new Error(
      `no relations found between "${a}" and "${b}": endpoints must have one interface and opposite roles`,
    );
  if (pairs.length > 1) {
    const list = pairs.map(([x, y]) => `"${x.application}:${x.endpoint} ${y.application}:${y.endpoint}"`).join('; ');
    throw new Error(`ambiguous relation: "${a} ${b}" could refer to ${list}`);
  }
  const [x, y] = pairs[0]!;
  if (relationBetween(model, x, y))
    throw new Error(`relation ${x.application}:${x.endpoint} ${y.application}:${y.endpoint} already exists`);
  return addRelation(model, [x, y]);
}

/** Adds a relation with these ends; a peer relation has one. */
export function addRelation(model: Model, ends: RelationEnd[]): Relation {
  const relation: Relation = {
    id: model.next.relation++,
    ends,
    life: 'alive',
    since: model.now(),
    inScope: new Set(),
    unitBags: new Map(),
    applicationBags: new Map(),
  };
  model.relations.set(relation.id, relation);
  return relation;
}

/** The relation between two ends as named by the operator; throws `relation "a b" not found`. */
export function findRelation(model: Model, a: EndName, b: EndName): Relation {
  const named = (name: EndName, end: RelationEnd) =>
    name === end.application || name === `${end.application}:${end.endpoint}`;
  const found = [...model.relations.values()].find((r) => {
    const [x, y] = r.ends;
    return x && y && r.life === 'alive' && ((named(a, x) && named(b, y)) || (named(a, y) && named(b, x)));
  });
  if (!found) throw new Error(`relation "${a} ${b}" not found`);
  return found;
}

function relationBetween(model: Model, x: RelationEnd, y: RelationEnd): Relation | undefined {
  const is = (end: RelationEnd | undefined, other: RelationEnd) =>
    end?.application === other.application && end.endpoint === other.endpoint;
  const alive = [...model.relations.values()].filter((r) => r.life !== 'dead');
  return alive.find((r) => r.ends.some((e) => is(e, x)) && r.ends.some((e) => is(e, y)));
}

function candidateEnds(model: Model, name: EndName): RelationEnd[] {
  const [application = '', endpoint] = name.split(':');
  const ends = applicationOf(model, application).charm.metadata.endpoints.filter((e) => e.role !== 'peer');
  const wanted = ends.filter((e) => endpoint === undefined || e.name === endpoint);
  if (endpoint !== undefined && wanted.length === 0)
    throw new Error(`application "${application}" has no "${endpoint}" relation`);
  return wanted.map((e) => ({ application, endpoint: e.name, role: e.role }));
}

function fits(model: Model, x: RelationEnd, y: RelationEnd): boolean {
  const roles = new Set([x.role, y.role]);
  return roles.has('provider') && roles.has('requirer') && interfaceOf(model, x) === interfaceOf(model, y);
}

function interfaceOf(model: Model, end: RelationEnd): string | undefined {
  return applicationOf(model, end.application).charm.metadata.endpoints.find((e) => e.name === end.endpoint)?.interface;
}

/** Relations of an application, by number. */
export function relationsOf(model: Model, application: string): Relation[] {
  return [...model.relations.values()]
    .filter((r) => r.ends.some((e) => e.application === application))
    .sort((a, b) => a.id - b.id);
}

/** This application's end. */
export function ownEnd(relation: Relation, application: string): RelationEnd {
  return relation.ends.find((e) => e.application === application)!;
}

/** The other application; a peer relation's is the same. */
export function remoteApplication(relation: Relation, application: string): string {
  return relation.ends.find((e) => e.application !== application)?.application ?? application;
}

/** Units at the other end that are in scope, sorted by name; peers without the unit itself. */
export function remoteUnits(relation: Relation, unit: Unit): string[] {
  const remote = remoteApplication(relation, unit.application);
  return [...relation.inScope].filter((name) => applicationPart(name) === remote && name !== unit.name).sort();
}

/** A unit becomes visible in a relation: databag with Juju's two keys, made once. */
export function enterScope(model: Model, relation: Relation, unit: Unit): void {
  if (relation.inScope.has(unit.name)) return;
  relation.inScope.add(unit.name);
  const { clusterIp } = applicationOf(model, unit.application);
  relation.unitBags.set(unit.name, { 'egress-subnets': `${clusterIp}/32`, 'ingress-address': clusterIp });
  model.changed();
}

/** A unit has run its broken hook (or is gone); the last one takes a dying relation away. */
export function leaveScope(model: Model, relation: Relation, unit: string): void {
  relation.inScope.delete(unit);
  if (relation.life === 'dying' && relation.inScope.size === 0) relation.life = 'dead';
  model.changed();
}

/** Asks for a relation to be torn down: units depart and break it, then it is gone. */
export function removeRelation(model: Model, relation: Relation): void {
  relation.life = 'dying';
  if (relation.inScope.size === 0) relation.life = 'dead';
  model.changed();
}

/** The controller clears dead relations a moment later; goal-state and grants still show them until then. */
export function clearDeadRelations(model: Model): void {
  for (const relation of model.relations.values()) if (relation.life === 'dead') dropRelation(model, relation);
}

function dropRelation(model: Model, relation: Relation): void {
  model.relations.delete(relation.id);
  for (const secret of model.secrets.values()) secret.grants = secret.grants.filter((g) => g.relation !== relation.id);
}

/** What this unit's agent knows of a relation; undefined before it entered. */
export function viewOf(unit: Unit, relation: number): RelationView | undefined {
  return unit.uniter.relations.get(relation);
}

/** A fresh view. */
export function newView(): RelationView {
  return {
    created: false,
    members: new Map(),
    applications: new Map(),
    changedPending: undefined,
    remoteKnown: true,
    broken: false,
    read: new Map(),
  };
}

/** Identity of a databag's content: Juju 4 compares hashes, so writing the same again tells nobody. */
export function bagVersion(bag: Databag | undefined): string {
  return JSON.stringify(Object.entries(bag ?? {}).sort());
}

/** Applications whose databag this unit is told about: the remote one; of peers its own. Empty bags that never held anything are not told. */
export function toldApplications(relation: Relation, application: string): [string, string][] {
  const remote = remoteApplication(relation, application);
  const bag = relation.applicationBags.get(remote);
  return bag === undefined ? [] : [[remote, bagVersion(bag)]];
}

/** Writes into a databag; '' deletes a key. */
export function writeBag(bags: Map<string, Databag>, owner: string, settings: Readonly<Databag>): void {
  const bag = { ...bags.get(owner) };
  for (const [key, value] of Object.entries(settings)) {
    if (value === '') delete bag[key];
    else bag[key] = value;
  }
  bags.set(owner, bag);
}

/** Every living relation of a unit is entered once its install hook is done. */
export function enterRelations(model: Model, unit: Unit): void {
  if (!unit.uniter.installed || unit.life !== 'alive' || unit.uniter.shutdown !== 'no') return;
  for (const relation of relationsOf(model, unit.application)) {
    if (relation.life !== 'alive' || viewOf(unit, relation.id)) continue;
    unit.uniter.relations.set(relation.id, newView());
    enterScope(model, relation, unit);
  }
}

/** Lets all installed units enter the relations they are not in yet. */
export function synchronizeScopes(model: Model): void {
  for (const application of model.applications.values()) {
    for (const unit of unitsOf(model, application.name)) enterRelations(model, unit);
  }
}

/** Peer relations of a new application. */
export function addPeerRelations(model: Model, application: Application): void {
  for (const { name, role } of application.charm.metadata.endpoints) {
    if (role === 'peer') addRelation(model, [{ application: application.name, endpoint: name, role }]);
  }
}
