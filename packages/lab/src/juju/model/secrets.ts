/** @module Secrets of the model: revisions, labels, grants, who reads which revision, and the hooks that follow. */

import { randomInt } from 'node:crypto';
import { type HookWrites, type SecretInfo, type SecretRequest, ToolFailure } from '@vpn-k8s/charm-testing';
import { remoteApplication } from './relations.ts';
import {
  applicationOf,
  type Model,
  type Relation,
  type Secret,
  type SecretConsumer,
  type Unit,
  unitOf,
} from './state.ts';

/** A new secret id: 20 characters of 0-9 a-v, as rs/xid makes them. */
export function newSecretId(): string {
  return Array.from({ length: 20 }, () => '0123456789abcdefghijklmnopqrstuv'[randomInt(32)]).join('');
}

/** Whether this unit owns the secret: its own, or its application's while it leads. */
export function owns(model: Model, unit: Unit, secret: Secret): boolean {
  const { kind, name } = secret.owner;
  if (kind === 'unit') return name === unit.name;
  return kind === 'application' && name === unit.application && applicationOf(model, name).leader === unit.name;
}

/** Whether this unit may read the secret: owner's unit, or granted to its application or itself. */
function mayRead(unit: Unit, secret: Secret): boolean {
  const { kind, name } = secret.owner;
  if ((kind === 'unit' && name === unit.name) || (kind === 'application' && name === unit.application)) return true;
  return secret.grants.some((g) => g.target === unit.application || g.target === unit.name);
}

/** Bare ids of secrets that this unit owns, sorted. */
export function ownedIds(model: Model, unit: Unit): string[] {
  return [...model.secrets.values()]
    .filter((s) => owns(model, unit, s))
    .map((s) => s.id)
    .sort();
}

/** Content as `secret-get` gives it: the tracked revision, or the newest with peek or refresh; tracks on first reading. */
export function readSecret(model: Model, unit: Unit, request: SecretRequest): Readonly<Record<string, string>> {
  const secret = requested(model, unit, request);
  if (!mayRead(unit, secret)) throw new ToolFailure(1, 'permission denied');
  const consumer = consumerOf(unit, secret);
  if (request.label !== undefined && !owns(model, unit, secret)) consumer.label = request.label;
  const revision = request.peek || request.refresh ? secret.latest : consumer.tracked;
  if (request.refresh) consumer.tracked = secret.latest;
  tellObsolete(model, secret);
  return secret.revisions.get(revision)!;
}

function requested(model: Model, unit: Unit, { id, label }: SecretRequest): Secret {
  if (id !== undefined) {
    const secret = model.secrets.get(id);
    if (!secret) throw new ToolFailure(1, 'getting latest secret revision: secret not found');
    return secret;
  }
  const mine = (s: Secret) =>
    (owns(model, unit, s) && s.label === label) || s.consumers.get(unit.name)?.label === label;
  const secret = [...model.secrets.values()].find(mine);
  if (!secret) throw new ToolFailure(1, `secret URI for consumer label "${label}" not found`);
  return secret;
}

function consumerOf(unit: Unit, secret: Secret): SecretConsumer {
  const known = secret.consumers.get(unit.name);
  if (known) return known;
  const consumer = { label: '', tracked: secret.latest, notified: secret.latest };
  secret.consumers.set(unit.name, consumer);
  return consumer;
}

/** What `secret-info-get` tells about an owned secret. */
export function secretInfo(model: Model, unit: Unit, request: { id?: string; label?: string }): SecretInfo {
  const secret = [...model.secrets.values()].find(
    (s) => (request.id === undefined ? s.label === request.label : s.id === request.id) && owns(model, unit, s),
  );
  if (!secret || secret.owner.kind === 'model')
    throw new ToolFailure(1, `secret "${request.id ?? request.label}" not found`);
  return {
    id: secret.id,
    revision: secret.latest,
    label: secret.label,
    owner: secret.owner.kind,
    ...(secret.description ? { description: secret.description } : {}),
    rotation: secret.rotate,
    ...(secret.expire === undefined ? {} : { expiry: secret.expire }),
    ...(secret.grants.length > 0 ? { access: secret.grants.map((g) => access(model, g)) } : {}),
  };
}

function access(model: Model, grant: Secret['grants'][number]) {
  const relation = grant.relation === undefined ? undefined : model.relations.get(grant.relation);
  const kind = grant.target.includes('/') ? 'unit' : 'application';
  return {
    target: `${kind}-${grant.target.replace('/', '-')}`,
    scope: relation ? `relation-${relationKey(relation)}` : '',
    role: grant.role,
  };
}

/** `beta.link#alpha.db`: the requirer first. */
function relationKey(relation: Relation): string {
  const order = { requirer: 0, provider: 1, peer: 2 };
  const ends = [...relation.ends].sort((a, b) => order[a.role] - order[b.role]);
  return ends.map((e) => `${e.application}.${e.endpoint}`).join('#');
}

/** Applies the secret writes of a hook that ended well. */
export function applySecretWrites(model: Model, unit: Unit, writes: HookWrites['secrets']): void {
  for (const write of writes) {
    if (write.kind === 'add') {
      const owner = { kind: write.owner, name: write.owner === 'application' ? unit.application : unit.name };
      const secret = addSecret(model, write.id, owner, write.settings.label ?? '', write.settings.content ?? {});
      Object.assign(secret, {
        description: write.settings.description ?? '',
        rotate: write.settings.rotate ?? 'never',
        expire: write.settings.expire,
      });
      consumerOf(unit, secret);
      continue;
    }
    const secret = model.secrets.get(write.id);
    if (!secret) continue;
    if (write.kind === 'set') setSecret(model, secret, write.settings);
    if (write.kind === 'grant')
      grantSecret(secret, write.grant.unit ?? granted(model, unit, write.grant.relation), write.grant.relation);
    if (write.kind === 'revoke')
      secret.grants = secret.grants.filter((g) => !revokes(model, unit, write.revocation, g));
    if (write.kind === 'remove') removeRevision(model, secret, write.revision);
  }
  model.changed();
}

function granted(model: Model, unit: Unit, relation: number): string {
  return remoteApplication(model.relations.get(relation)!, unit.application);
}

function revokes(
  model: Model,
  unit: Unit,
  by: { relation?: number; application?: string; unit?: string },
  grant: Secret['grants'][number],
): boolean {
  if (by.unit !== undefined) return grant.target === by.unit;
  if (by.application !== undefined) return grant.target === by.application;
  return (
    by.relation !== undefined && grant.relation === by.relation && grant.target === granted(model, unit, by.relation)
  );
}

/** A new secret with revision 1. */
export function addSecret(
  model: Model,
  id: string,
  owner: Secret['owner'],
  label: string,
  content: Readonly<Record<string, string>>,
): Secret {
  const secret: Secret = {
    id,
    owner,
    label,
    description: '',
    rotate: 'never',
    expire: undefined,
    revisions: new Map([[1, { ...content }]]),
    latest: 1,
    grants: [],
    consumers: new Map(),
    obsoleteTold: new Set(),
  };
  model.secrets.set(id, secret);
  return secret;
}

/** Lets an application or a unit read a secret; user secrets are granted without a relation. */
export function grantSecret(secret: Secret, target: string, relation: number | undefined): void {
  if (secret.grants.some((g) => g.target === target && g.relation === relation)) return;
  secret.grants.push({ relation, target, role: 'view' });
}

/** New settings; other content makes a new revision and, for all who read the secret, a secret-changed. */
export function setSecret(
  model: Model,
  secret: Secret,
  settings: {
    label?: string;
    description?: string;
    rotate?: string;
    expire?: string;
    content?: Readonly<Record<string, string>>;
  },
): void {
  const { content, ...rest } = settings;
  Object.assign(secret, rest);
  if (content === undefined || same(content, secret.revisions.get(secret.latest))) return;
  secret.latest += 1;
  secret.revisions.set(secret.latest, { ...content });
  for (const [name, consumer] of secret.consumers) {
    const unit = model.units.get(name);
    if (!unit) continue;
    consumer.notified = secret.latest;
    const label = consumer.label || (owns(model, unit, secret) ? secret.label : '');
    unit.uniter.secrets.push({ name: 'secret-changed', secret: { id: secret.id, label } });
  }
  tellObsolete(model, secret);
  model.changed();
}

/** Old revisions that nobody reads any more are told to the owner by secret-remove, once each. */
function tellObsolete(model: Model, secret: Secret): void {
  const owner = ownerUnit(model, secret);
  if (!owner) return;
  const read = new Set([...secret.consumers.values()].map((c) => c.tracked));
  for (const revision of secret.revisions.keys()) {
    if (revision === secret.latest || read.has(revision) || secret.obsoleteTold.has(revision)) continue;
    secret.obsoleteTold.add(revision);
    owner.uniter.secrets.push({ name: 'secret-remove', secret: { id: secret.id, label: secret.label, revision } });
    model.changed();
  }
}

function ownerUnit(model: Model, secret: Secret): Unit | undefined {
  if (secret.owner.kind === 'model') return undefined;
  if (secret.owner.kind === 'unit') return model.units.get(secret.owner.name);
  const leader = model.applications.get(secret.owner.name)?.leader;
  return leader === undefined ? undefined : unitOf(model, leader);
}

function removeRevision(model: Model, secret: Secret, revision: number | undefined): void {
  if (revision === undefined) {
    model.secrets.delete(secret.id);
    return;
  }
  secret.revisions.delete(revision);
  if (secret.revisions.size === 0) model.secrets.delete(secret.id);
}

/** A unit that is gone reads nothing any more; an application's own secrets go with it. */
export function forgetConsumer(model: Model, unit: Unit): void {
  for (const secret of model.secrets.values()) {
    if (secret.consumers.delete(unit.name)) tellObsolete(model, secret);
  }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>> | undefined): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b ?? {}).sort());
}
