/** @module One error class for each decision that a caller of the API makes. */
import type { Status } from './object.ts';
import type { RequestTarget } from './request.ts';

/** The server refused a request; `message` is the server's own sentence. */
export class ApiError extends Error {
  // Why: written out, because a minified bundle has no class names.
  override name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly status: Status;
  readonly request: RequestTarget;

  constructor(status: Status, request: RequestTarget) {
    super(status.message);
    this.code = status.code;
    this.reason = status.reason;
    this.status = status;
    this.request = request;
  }
}

/** 404: the object, its namespace or its kind is not there. */
export class NotFound extends ApiError {
  override name = 'NotFound';
}

/** 401: the token is not, or no longer, valid. */
export class Unauthorized extends ApiError {
  override name = 'Unauthorized';
}

/** 403: RBAC, admission or a quota refuses; verb, resource and namespace say what to allow. */
export class Forbidden extends ApiError {
  override name = 'Forbidden';

  get verb(): string {
    return this.request.verb === 'apply' ? 'patch' : this.request.verb;
  }
  get resource(): string {
    return this.request.resource;
  }
  get namespace(): string | undefined {
    return this.request.namespace;
  }
}

/** 409: somebody else changed the object, or owns fields that were applied (`managers`). */
export class Conflict extends ApiError {
  override name = 'Conflict';

  /** Field managers that own what was applied, for example `['juju']`; empty for a stale resourceVersion. */
  get managers(): string[] {
    const causes = this.status.details?.causes ?? [];
    const names = causes
      .filter((cause) => cause.reason === 'FieldManagerConflict')
      .map((cause) => /conflict with "([^"]*)"/.exec(cause.message ?? '')?.[1] ?? '');
    return [...new Set(names)];
  }
}

/** 409 on create: an object of that name is there already. */
export class AlreadyExists extends Conflict {
  override name = 'AlreadyExists';
}

/** 422, or 400 for an unknown field: the object itself is wrong; `fields` are paths such as `spec.template.spec.containers[0].image`. */
export class Invalid extends ApiError {
  override name = 'Invalid';

  get fields(): string[] {
    const unknown = [...this.message.matchAll(/unknown field "([^"]+)"|\.(\S+): field not declared/g)].map(
      (match) => (match[1] ?? match[2]) as string,
    );
    if (unknown.length > 0) return unknown;
    return (this.status.details?.causes ?? []).map((cause) => cause.field ?? '').filter((field) => field !== '');
  }
}

/** 410: the resourceVersion or continue token is older than what the server remembers; list again. */
export class Expired extends ApiError {
  override name = 'Expired';
}

/** No answer: refused, reset, timed out, wrong certificate. `cause` is Node's error; code is 0. */
export class Unreachable extends ApiError {
  override name = 'Unreachable';

  constructor(url: string, cause: unknown, request: RequestTarget) {
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause);
    super({ code: 0, reason: 'Unreachable', message: `The Kubernetes API at ${url} does not answer: ${why}` }, request);
    this.cause = cause;
  }
}

type StatusErrorClass = new (status: Status, request: RequestTarget) => ApiError;

const classes: Readonly<Record<number, StatusErrorClass>> = {
  401: Unauthorized,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  410: Expired,
  422: Invalid,
};

/** Makes the error for an answer of 400 and above; a body that is no Status becomes one with the text as its message. */
export function errorFor(code: number, body: unknown, request: RequestTarget): ApiError {
  const status = statusOf(code, body, request);
  if (status.reason === 'AlreadyExists') return new AlreadyExists(status, request);
  if (/strict decoding error|field not declared in schema/.test(status.message)) return new Invalid(status, request);
  return new (classes[code] ?? ApiError)(status, request);
}

function statusOf(code: number, body: unknown, request: RequestTarget): Status {
  const given = body as Partial<Status> | undefined;
  if (typeof given === 'object' && given?.kind === 'Status') {
    return {
      ...given,
      code: given.code ?? code,
      reason: given.reason ?? 'Unknown',
      message: given.message ?? `HTTP ${code}`,
    };
  }
  const text = typeof body === 'string' && body.trim() !== '' ? `: ${body.trim().slice(0, 200)}` : '';
  const message = `the server answered ${code} to ${request.verb} ${request.resource}${text}`;
  return { code, reason: 'Unknown', message };
}
