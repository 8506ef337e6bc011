/** @module PUT and PATCH: changes one object, and writes nothing when nothing changes. */
import type { JsonPatchOperation } from '@vpn-k8s/kube';
import { recordWrite } from '../apply/managed-fields.ts';
import { badRequest, conflict, failure, invalid, notFound, unsupportedMediaType } from '../errors.ts';
import { jsonMerge, jsonPatch } from '../patch/plain.ts';
import { strategicMerge } from '../patch/strategic.ts';
import { decode, TypeMismatch } from '../schema/decode.ts';
import { clone, isObject, type Json, same } from '../store/clone.ts';
import type { Stored } from '../store/store.ts';
import { type Call, isDryRun, isStrict, type Machinery, managerOf } from './call.ts';
import { decodeBody, labelErrors } from './create.ts';
import { finish } from './delete.ts';

/** The object that a call names. Throws 404. */
export function existing(machinery: Machinery, call: Call): Stored & Json {
  const object = machinery.store.get(call.kind.resource, call.namespace, call.name ?? '');
  if (!object) throw notFound(call.kind.resource, call.name ?? '');
  return object as Stored & Json;
}

/** PUT: the body replaces the object. */
export function replace(machinery: Machinery, call: Call): Json {
  const old = existing(machinery, call);
  const object = decodeBody(call);
  const name = (object.metadata as Json).name;
  if (name !== call.name)
    throw badRequest(`the name of the object (${String(name)}) does not match the name on the URL (${call.name})`);
  return store(machinery, call, old, object, (next) =>
    recordWrite(old, next, managerOf(call), call.kind, call.subresource),
  );
}

/** PATCH by strategic merge, JSON merge or JSON patch. */
export function patch(machinery: Machinery, call: Call): Json {
  const old = existing(machinery, call);
  const object = decodePatched(call, patched(call, withoutManaged(old)));
  return store(machinery, call, old, object, (next) =>
    recordWrite(old, next, managerOf(call), call.kind, call.subresource),
  );
}

/** Patches see the object without managedFields, which no patch of ours touches. */
function withoutManaged(old: Json): Json {
  const { managedFields, ...metadata } = old.metadata as Json;
  return { ...old, metadata };
}

function patched(call: Call, old: Json): Json {
  const { body, contentType, kind } = call;
  if (contentType === 'application/json-patch+json') {
    if (!Array.isArray(body))
      throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
    return jsonPatch(old, body as JsonPatchOperation[]) as Json;
  }
  if (!isObject(body)) throw badRequest('error decoding patch: the body is no JSON object');
  if (contentType === 'application/merge-patch+json') return jsonMerge(old, body) as Json;
  if (contentType === 'application/strategic-merge-patch+json' && kind.schema)
    return strategicMerge(old, body, kind.schema);
  throw unsupportedMediaType(patchTypes.filter((type) => kind.schema || !type.includes('strategic')));
}

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];

/** Decodes the result of a patch; what is wrong is told as the real server tells it for patches, by 422. */
function decodePatched(call: Call, result: Json): Json {
  const reject = (detail: string) => {
    const value = JSON.stringify(call.body).slice(0, 200);
    const cause = {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
      field: 'patch',
    };
    return failure(422, 'Invalid', ` "" is invalid: patch: ${cause.message}`, { causes: [cause] });
  };
  try {
    const { value, unknown } = decode(result, call.kind.schema);
    if (isStrict(call) && unknown.length > 0) throw reject(`strict decoding error: ${unknown.join(', ')}`);
    return value as Json;
  } catch (error) {
    throw error instanceof TypeMismatch ? reject(error.message) : error;
  }
}

/** The second half of every change: checks, defaults, admission, generation, managed fields; stores when something changed. */
export function store(
  machinery: Machinery,
  call: Call,
  old: Stored & Json,
  object: Json,
  manage: (object: Json) => void,
): Json {
  const { kind } = call;
  const { resource } = kind;
  const metadata = (object.metadata ?? {}) as Json;
  requireSame(call, old, metadata);
  keepServerFields(old, object, metadata);
  scope(call, old, object);
  kind.defaults?.(object);
  manage(object);
  const named = {
    operation: 'UPDATE',
    resource,
    subresource: call.subresource,
    name: old.metadata.name,
    namespace: call.namespace,
  } as const;
  machinery.admission.run({ ...named, user: call.user, dryRun: isDryRun(call), object, old });
  kind.prepare?.(object, old, machinery);
  const judged = call.subresource === 'status' ? [] : (kind.validate?.(object, old) ?? []);
  const errors = [...labelErrors(object.metadata as Json), ...judged];
  if (errors.length > 0) throw invalid(resource, old.metadata.name, errors);
  countGeneration(kind.generation, old, object);
  if (unchanged(old, object)) return old;
  if (isDryRun(call)) return object;
  return finish(machinery, call, machinery.store.put(resource, object) as Stored & Json);
}

function requireSame(call: Call, old: Stored, metadata: Json): void {
  const { resource } = call.kind;
  const name = old.metadata.name;
  const expected = metadata.resourceVersion;
  if (expected !== undefined && expected !== '' && expected !== old.metadata.resourceVersion)
    throw conflict(resource, name);
  if (metadata.uid !== undefined && metadata.uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(resource, name, why);
  }
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
}

function keepServerFields(old: Stored & Json, object: Json, metadata: Json): void {
  const keys = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'generateName',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  ] as const;
  const { resourceVersion, selfLink, managedFields, ...rest } = metadata;
  const before = clone(old).metadata as unknown as Json;
  const kept = Object.fromEntries(keys.map((key) => [key, before[key]]).filter(([, value]) => value !== undefined));
  const managed = before.managedFields;
  object.metadata = { ...rest, ...kept, ...(managed !== undefined && { managedFields: managed }) };
  Object.assign(object, { apiVersion: old.apiVersion, kind: old.kind });
}

/** A write to the object leaves its status alone, one to its status leaves all else alone. */
function scope(call: Call, old: Json, object: Json): void {
  const status = call.subresource === 'status';
  if (status && !call.kind.subresources.includes('status')) throw notFound(call.kind.resource, call.name ?? '');
  if (status)
    for (const key of Object.keys({ ...old, ...object }))
      if (!['metadata', 'status'].includes(key)) assign(object, key, old[key]);
  if (!status && call.kind.subresources.includes('status')) assign(object, 'status', old.status);
}

function assign(object: Json, key: string, value: unknown): void {
  if (value === undefined) delete object[key];
  else object[key] = clone(value);
}

function countGeneration(counts: boolean, old: Json, object: Json): void {
  if (!counts) return;
  const desired = ({ metadata, status, ...rest }: Json) => rest;
  const before = ((old.metadata as Json).generation as number | undefined) ?? 1;
  (object.metadata as Json).generation = same(desired(old), desired(object)) ? before : before + 1;
}

/** Compares everything but versions and the times in managedFields. */
function unchanged(old: Json, object: Json): boolean {
  const comparable = (each: Json) => {
    const { resourceVersion, managedFields, ...metadata } = each.metadata as Json;
    const managers = (managedFields ?? []) as Json[];
    return { ...each, metadata, managers: managers.map(({ time, ...entry }) => entry) };
  };
  return same(comparable(old), comparable(object));
}
