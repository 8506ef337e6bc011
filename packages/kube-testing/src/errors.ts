/** @module The failures of an API server, as the Status bodies that the real one sends (apimachinery, pkg/api/errors). */
import { type Resource, resourceName, type Status, type StatusCause } from '@vpn-k8s/kube';

type Named = Pick<Resource, 'plural' | 'group'>;

/** Thrown anywhere in the server; becomes the answer. */
export class StatusError extends Error {
  readonly status: Status;
  constructor(status: Status) {
    super(status.message);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** A failure with any code, for faults and admission hooks. */
export function failure(code: number, reason: string, message: string, details?: Status['details']): StatusError {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...base, message, reason, ...(details && { details }), code });
}

const about = (resource: Named, name?: string) => ({
  ...(name !== undefined && name !== '' && { name }),
  ...(resource.group !== '' && { group: resource.group }),
  kind: resource.plural,
});
const quoted = (resource: Named, name?: string) =>
  name === undefined || name === '' ? resourceName(resource) : `${resourceName(resource)} "${name}"`;

/** 404 for an object, its namespace or its kind. */
export const notFound = (resource: Named, name: string) =>
  failure(404, 'NotFound', `${quoted(resource, name)} not found`, about(resource, name));

/** 404 for a path that no kind is served at. */
export const noSuchPath = () => failure(404, 'NotFound', 'the server could not find the requested resource', {});

/** 409 on create of a name that is taken. */
export const alreadyExists = (resource: Named, name: string) =>
  failure(409, 'AlreadyExists', `${quoted(resource, name)} already exists`, about(resource, name));

/** 409 for a stale resourceVersion or a precondition; `why` is the second half of the sentence. */
export const conflict = (resource: Named, name: string, why = modified) =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${quoted(resource, name)}: ${why}`, about(resource, name));

const modified = 'the object has been modified; please apply your changes to the latest version and try again';

/** 403 with the reason as the second half of the sentence. */
export const forbidden = (resource: Named, name: string | undefined, why: string) =>
  failure(403, 'Forbidden', `${quoted(resource, name)} is forbidden: ${why}`, about(resource, name));

/** 400: the request cannot be read. */
export const badRequest = (message: string) => failure(400, 'BadRequest', message);

/** 401 for a token that is unknown, expired, or of a deleted account. */
export const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');

/** 410 for a version or continue token that is forgotten. */
export const expired = (message: string) => failure(410, 'Expired', message);

/** 405: the resource has no such verb. */
export const methodNotAllowed = (resource: Named) =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', about(resource));

/** 415 with the content types that would do. */
export const unsupportedMediaType = (accepted: readonly string[]) =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** 406: no answer in a type that the client accepts. */
export const notAcceptable = () =>
  failure(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );

/** An error that the real server has no better word for: 500 with the bare sentence. */
export const unexpected = (message: string) => failure(500, '', message);

/** One thing wrong with an object: the field's path and the sentence after it. */
export interface FieldError {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

const show = (value: unknown) => JSON.stringify(value);

/** Field errors in the words of apimachinery, pkg/util/validation/field/errors.go. */
export const fieldErrors = {
  required: (field: string, detail = ''): FieldError => ({
    field,
    reason: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  }),
  invalid: (field: string, value: unknown, detail: string): FieldError => ({
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${show(value)}: ${detail}`,
  }),
  forbidden: (field: string, detail: string): FieldError => ({
    field,
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${detail}`,
  }),
  duplicate: (field: string, value: unknown): FieldError => ({
    field,
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${show(value)}`,
  }),
  notFound: (field: string, value: unknown): FieldError => ({
    field,
    reason: 'FieldValueNotFound',
    message: `Not found: ${show(value)}`,
  }),
  notSupported: (field: string, value: unknown, allowed: readonly string[]): FieldError => ({
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${show(value)}: supported values: ${allowed.map(show).join(', ')}`,
  }),
};

/** 422 with all that is wrong with an object. */
export function invalid(resource: Resource, name: string, errors: readonly FieldError[]): StatusError {
  const sentences = errors.map((error) => `${error.field}: ${error.message}`);
  const list = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const causes: StatusCause[] = errors.map(({ reason, message, field }) => ({ reason, message, field }));
  const details = { name, ...(resource.group !== '' && { group: resource.group }), kind: resource.kind, causes };
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${list}`, details);
}
