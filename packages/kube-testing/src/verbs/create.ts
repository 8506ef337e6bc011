/** @module POST: creates one object. */
import { randomBytes, randomUUID } from 'node:crypto';
import { apiVersion, namespaces } from '@vpn-k8s/kube';
import { recordWrite } from '../apply/managed-fields.ts';
import {
  alreadyExists,
  badRequest,
  type FieldError,
  failure,
  fieldErrors,
  forbidden,
  invalid,
  notFound,
} from '../errors.ts';
import { decodeObject } from '../schema/decode.ts';
import { isObject, type Json } from '../store/clone.ts';
import type { Stored } from '../store/store.ts';
import { type Call, isDryRun, isStrict, type Machinery, managerOf } from './call.ts';

/** Creates the object of `call.body`; answers it as stored. */
export function create(machinery: Machinery, call: Call): Json {
  const object = decodeBody(call);
  return createDecoded(machinery, call, object, (stored) => recordWrite(undefined, stored, managerOf(call), call.kind));
}

/** The second half of a create, also for an apply that finds nothing: `manage` sets managedFields. */
export function createDecoded(machinery: Machinery, call: Call, object: Json, manage: (object: Json) => void): Json {
  const { kind } = call;
  const metadata = prepareMetadata(call, object);
  requireNamespace(machinery, call, metadata.name as string);
  const named = {
    operation: 'CREATE',
    resource: kind.resource,
    name: metadata.name as string,
    namespace: call.namespace,
  } as const;
  kind.defaults?.(object);
  manage(object);
  machinery.admission.run({ ...named, user: call.user, dryRun: isDryRun(call), object });
  clearStatus(call, object);
  if (kind.generation) metadata.generation = 1;
  kind.prepare?.(object, undefined, machinery);
  const errors = [...nameErrors(kind.resource.plural, metadata), ...(kind.validate?.(object, undefined) ?? [])];
  if (errors.length > 0) throw invalid(kind.resource, metadata.name as string, errors);
  if (machinery.store.get(kind.resource, call.namespace, metadata.name as string)) {
    throw alreadyExists(kind.resource, metadata.name as string);
  }
  if (isDryRun(call)) return object;
  return machinery.store.put(kind.resource, object) as Stored & Json;
}

/** The body as the kind's struct; apiVersion, kind and namespace must fit the path. */
export function decodeBody(call: Call): Json {
  const { resource, schema } = call.kind;
  if (!isObject(call.body))
    throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): it is no JSON object`);
  const expected = { apiVersion: apiVersion(resource), kind: resource.kind };
  const { apiVersion: version = expected.apiVersion, kind = expected.kind } = call.body;
  if (version !== expected.apiVersion || kind !== expected.kind) {
    throw badRequest(
      `the API version in the data (${String(version).slice(0, 60)}, Kind=${String(kind).slice(0, 60)}) does not match the expected API version (${expected.apiVersion}, Kind=${expected.kind})`,
    );
  }
  const object = decodeObject(call.body, schema, resource.kind, resource.version, isStrict(call)) as Json;
  const metadata = (isObject(object.metadata) ? object.metadata : {}) as Json;
  if (call.namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, ...expected, metadata };
}

function prepareMetadata(call: Call, object: Json): Json {
  const metadata = object.metadata as Json;
  const generated = metadata.generateName && !metadata.name;
  if (generated) metadata.name = `${metadata.generateName}${randomBytes(4).toString('hex').slice(0, 5)}`;
  for (const key of ['uid', 'resourceVersion', 'generation', 'deletionTimestamp', 'selfLink', 'managedFields'])
    delete metadata[key];
  if (call.namespace !== undefined) metadata.namespace = call.namespace;
  Object.assign(metadata, { uid: randomUUID(), creationTimestamp: now() });
  return metadata;
}

/** The time as the server writes it, in whole seconds. */
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

function clearStatus(call: Call, object: Json): void {
  if (call.kind.schema === undefined || !call.kind.subresources.includes('status')) return;
  object.status = {};
  call.kind.defaults?.(object);
}

function requireNamespace({ store }: Machinery, call: Call, name: string): void {
  if (call.namespace === undefined) return;
  const namespace = store.get(namespaces, undefined, call.namespace);
  if (!namespace) throw notFound(namespaces, call.namespace);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${call.namespace} because it is being terminated`;
  const refusal = forbidden(call.kind.resource, name, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${call.namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw failure(403, 'Forbidden', refusal.message, { ...refusal.status.details, causes: [cause] });
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const subdomainSentence =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function nameErrors(plural: string, metadata: Json): FieldError[] {
  const name = metadata.name;
  if (typeof name !== 'string' || name === '')
    return [fieldErrors.required('metadata.name', 'name or generateName is required')];
  return [
    ...(isName(plural, name) ? [] : [fieldErrors.invalid('metadata.name', name, subdomainSentence)]),
    ...labelErrors(metadata),
  ];
}

/** RBAC objects may have any name that fits into a path. */
function isName(plural: string, name: string): boolean {
  if (/^(cluster)?role(binding)?s$/.test(plural)) return !/[/%]/.test(name) && name !== '.' && name !== '..';
  return subdomain.test(name) && name.length <= 253;
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Errors of labels and owner references, on create and on update. */
export function labelErrors(metadata: Json): FieldError[] {
  const wrong = Object.values((metadata.labels ?? {}) as Record<string, string>).filter(
    (value) => !labelValue.test(value) || value.length > 63,
  );
  const owners = ((metadata.ownerReferences ?? []) as Json[]).flatMap((owner, index) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((key) => !owner[key])
      .map((key) => fieldErrors.invalid(`metadata.ownerReferences[${index}].${key}`, '', `${key} must not be empty`)),
  );
  const sentence =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  return [...wrong.map((value) => fieldErrors.invalid('metadata.labels', value, sentence)), ...owners];
}
