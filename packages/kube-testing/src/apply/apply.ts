/** @module Server-side apply: PATCH with all that one manager wants (structured-merge-diff, merge/update.go). */
import { apiVersion } from '@vpn-k8s/kube';
import { badRequest, failure, unexpected } from '../errors.ts';
import { decode, TypeMismatch } from '../schema/decode.ts';
import { clone, isObject, type Json } from '../store/clone.ts';
import type { Stored } from '../store/store.ts';
import type { Answer, Call, Machinery } from '../verbs/call.ts';
import { createDecoded } from '../verbs/create.ts';
import { store } from '../verbs/update.ts';
import { type FieldSet, showPath } from './field-set.ts';
import { type Manager, managerNow, ownable, sameManager, setManagers, withFirstManager } from './managed-fields.ts';
import { difference, fieldsOf, mergeApplied, removeFields, requireUnique, withStructs } from './typed.ts';

/** Creates the object (201) or merges into it (200). Throws 409 that names the other managers unless `force=true`. */
export function apply(machinery: Machinery, call: Call): Answer {
  const { kind, query, subresource } = call;
  if (!query.fieldManager) {
    const cause = {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    };
    throw failure(422, 'Invalid', `PatchOptions.meta.k8s.io "" is invalid: fieldManager: ${cause.message}`, {
      kind: 'PatchOptions',
      causes: [cause],
    });
  }
  const config = decodeConfig(call);
  const self = managerNow(
    query.fieldManager,
    'Apply',
    kind,
    ownable(fieldsOf(config, kind.schema), kind, subresource),
    subresource,
  );
  const live = machinery.store.get(kind.resource, call.namespace, call.name ?? '') as (Stored & Json) | undefined;
  if (!live) {
    const object = clone(config);
    return {
      code: 201,
      body: createDecoded(machinery, { ...call, verb: 'create' }, object, (made) => setManagers(made, [self])),
    };
  }
  const { object, managers } = mergeConfig(call, live, config, self);
  return { code: 200, body: store(machinery, call, live, object, (next) => setManagers(next, managers)) };
}

/** The applied configuration, checked as the server checks it. */
function decodeConfig(call: Call): Json {
  const { resource, schema } = call.kind;
  if (!isObject(call.body)) throw badRequest('error decoding YAML: the body is no object');
  const expected = { apiVersion: apiVersion(resource), kind: resource.kind };
  const metadata = (isObject(call.body.metadata) ? call.body.metadata : {}) as Json;
  requireFitting(call, metadata, expected);
  const about = `failed to create typed patch object (${call.namespace ?? ''}/${call.name}; ${expected.apiVersion}, Kind=${expected.kind})`;
  try {
    const { value, unknown } = decode(call.body, schema);
    const paths = unknown.map((sentence) => /"(.*)"/.exec(sentence)?.[1]);
    if (paths.length > 0)
      throw unexpected(`${about}: ${paths.map((path) => `.${path}: field not declared in schema`).join('\n')}`);
    requireUnique(value, schema);
    return { ...(value as Json), ...expected, metadata: { ...((value as Json).metadata as Json), name: call.name } };
  } catch (error) {
    throw error instanceof TypeMismatch ? unexpected(`${about}: ${error.message}`) : error;
  }
}

function requireFitting(call: Call, metadata: Json, expected: { apiVersion: string; kind: string }): void {
  const { apiVersion: version, kind } = call.body as Json;
  if (version !== expected.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(version).slice(0, 60)}, expected: ${expected.apiVersion}`,
    );
  }
  if (kind !== expected.kind)
    throw badRequest(
      `the kind in the data (${String(kind).slice(0, 60)}) does not match the expected kind (${expected.kind})`,
    );
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (metadata.name !== undefined && metadata.name !== call.name) {
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${call.name})`,
    );
  }
}

/** Merges, takes out what the manager no longer applies and nobody else owns, and settles ownership. */
function mergeConfig(call: Call, live: Json, config: Json, self: Manager): { object: Json; managers: Manager[] } {
  const { schema } = call.kind;
  const before = withFirstManager(live, call.kind);
  const previous = before.find((each) => sameManager(each, self));
  const others = before.filter((each) => each !== previous);
  const merged = mergeApplied(clone(live), clone(config), schema);
  const owned = others.reduce((sum, each) => sum.union(each.fields), self.fields);
  const object = clone(previous ? prune(merged, previous.fields, owned, schema) : merged) as Json;
  const { added, modified, removed } = difference(live, object, schema);
  const changed = added.union(modified);
  const conflicts = others
    .map((each) => ({ manager: each, fields: each.fields.intersect(changed) }))
    .filter(({ fields }) => !fields.empty);
  if (conflicts.length > 0 && call.query.force !== 'true' && call.query.force !== '1') throw conflictError(conflicts);
  const lost = changed.union(removed);
  const settled = others.map((each) => ({ ...each, fields: each.fields.minus(lost) }));
  const time = previous?.fields.equals(self.fields) && lost.empty ? previous.time : self.time;
  return { object, managers: [...settled, { ...self, time }] };
}

function prune(merged: unknown, last: FieldSet, owned: FieldSet, schema: Call['kind']['schema']): unknown {
  const present = withStructs(fieldsOf(merged, schema), schema);
  const doomed = present.intersect(withStructs(last, schema)).minus(withStructs(owned, schema));
  return removeFields(merged, schema, doomed);
}

interface ApplyConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The sentences of apimachinery, pkg/util/managedfields/internal/conflict.go. */
function conflictError(conflicts: readonly ApplyConflict[]): Error {
  const all = conflicts.flatMap(({ manager, fields }) =>
    fields.paths().map((path) => ({ who: describe(manager), path: showPath(path) })),
  );
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: path,
  }));
  return failure(409, 'Conflict', conflictMessage(all), { causes });
}

function conflictMessage(all: readonly { who: string; path: string }[]): string {
  const [first] = all;
  if (all.length === 1 && first) return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.path}`;
  const managers = [...new Set(all.map(({ who }) => who))].sort();
  const lines = managers.flatMap((who) => [
    `conflicts with ${who}:`,
    ...all.filter((each) => each.who === who).map(({ path }) => `- ${path}`),
  ]);
  return `Apply failed with ${all.length} conflicts: ${lines.join('\n')}`;
}

/** The manager as named in conflicts; an Update's entry is told with its version, its time is not part of its identity. */
function describe({ name, operation, apiVersion: version, subresource }: Manager): string {
  const base = subresource ? `"${name}" with subresource "${subresource}"` : `"${name}"`;
  return operation === 'Update' ? `${base} using ${version}` : base;
}
