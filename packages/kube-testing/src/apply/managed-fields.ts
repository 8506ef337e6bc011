/** @module Keeps metadata.managedFields: who wrote which field last, for every kind of write (KEP-555). */
import { apiVersion } from '@vpn-k8s/kube';
import type { Kind } from '../kinds/kind.ts';
import type { Json } from '../store/clone.ts';
import { type FieldSet, fromFieldsV1, type Path, toFieldsV1 } from './field-set.ts';
import { difference } from './typed.ts';

/** One manager of an object. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
  readonly time: string;
  readonly fields: FieldSet;
}

/** Fields that nobody owns. */
const unowned = ['apiVersion', 'kind', 'metadata'];
const unownedMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** Takes out what nobody owns, and what this write does not touch (status, or all but status). */
export function ownable(set: FieldSet, kind: Kind, subresource?: string): FieldSet {
  const reset = subresource === 'status' ? 'f:spec' : kind.subresources.includes('status') ? 'f:status' : '';
  return set.filter((path) => path[0] !== reset && !isUnowned(path));
}

function isUnowned([first = '', second]: Path): boolean {
  if (second === undefined) return unowned.includes(first.slice(2));
  return first === 'f:metadata' && unownedMetadata.includes(second.slice(2));
}

/** The managers of a stored object. */
export function managersOf(object: Json | undefined): Manager[] {
  const entries = ((object?.metadata as Json | undefined)?.managedFields ?? []) as Json[];
  return entries.map((entry) => ({
    name: String(entry.manager ?? ''),
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: String(entry.apiVersion ?? ''),
    ...(entry.subresource !== undefined && { subresource: String(entry.subresource) }),
    time: String(entry.time ?? ''),
    fields: fromFieldsV1(entry.fieldsV1),
  }));
}

/** Writes the managers into an object; those that own nothing are left out. */
export function setManagers(object: Json, managers: readonly Manager[]): void {
  const metadata = object.metadata as Json;
  const entries = managers
    .filter(({ fields }) => !fields.empty)
    .sort(order)
    .map(encode);
  if (entries.length > 0) metadata.managedFields = entries;
  else delete metadata.managedFields;
}

function order(a: Manager, b: Manager): number {
  const key = ({ operation, time, name, subresource = '' }: Manager) =>
    [operation, time, name, subresource].join('\u0000');
  return key(a) < key(b) ? -1 : 1;
}

function encode({ name, operation, apiVersion: version, subresource, time, fields }: Manager): Json {
  const base = {
    manager: name,
    operation,
    apiVersion: version,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
  };
  return subresource ? { ...base, subresource } : base;
}

/** Two entries of one manager: for apply the version does not count. */
export function sameManager(a: Manager, b: Manager): boolean {
  const version = a.operation === 'Apply' || a.apiVersion === b.apiVersion;
  return version && a.name === b.name && a.operation === b.operation && (a.subresource ?? '') === (b.subresource ?? '');
}

/** A manager that writes now. */
export function managerNow(
  name: string,
  operation: 'Apply' | 'Update',
  kind: Kind,
  fields: FieldSet,
  subresource?: string,
): Manager {
  const time = `${new Date().toISOString().slice(0, 19)}Z`;
  return { name, operation, apiVersion: apiVersion(kind.resource), subresource, time, fields };
}

/** Notes a create, update or patch by `name` in `object`: it owns what it changed, the others lose that. */
export function recordWrite(old: Json | undefined, object: Json, name: string, kind: Kind, subresource?: string): void {
  const managers = managersOf(old);
  // Why: objects from before the tracking stay untracked until the first apply, as in the real server.
  if (old !== undefined && managers.length === 0) return;
  const { added, modified, removed } = difference(old ?? {}, object, kind.schema);
  const taken = ownable(added.union(modified), kind, subresource);
  const gone = ownable(removed, kind, subresource);
  const self = managerNow(name, 'Update', kind, taken, subresource);
  const lost = taken.union(gone);
  const kept = managers.map((each) => {
    const mine = sameManager(each, self);
    if (!mine) return { ...each, fields: each.fields.minus(lost) };
    const fields = each.fields.minus(gone).union(taken);
    return { ...each, fields, time: fields.equals(each.fields) && taken.empty ? each.time : self.time };
  });
  setManagers(object, managers.some((each) => sameManager(each, self)) ? kept : [...kept, self]);
}

/** Gives all that an untracked object has to `before-first-apply`, so that the first apply conflicts with it. */
export function withFirstManager(live: Json, kind: Kind): Manager[] {
  const managers = managersOf(live);
  if (managers.length > 0) return managers;
  const { added } = difference({}, live, kind.schema);
  const fields = ownable(added, { ...kind, subresources: [] });
  return fields.empty ? [] : [managerNow('before-first-apply', 'Update', kind, fields)];
}
