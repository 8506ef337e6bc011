/** @module Hooks that look at a write before it is done: they may change the object, or refuse it with a Status. */
import type { KubeObject, Resource } from '@vpn-k8s/kube';
import { failure, forbidden, type StatusError } from '../errors.ts';
import type { Json } from '../store/clone.ts';
import type { User } from './users.ts';

/** What a hook sees. `object` may be changed; it is missing on DELETE, `old` on CREATE. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: Resource;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  readonly object?: KubeObject & Json;
  readonly old?: KubeObject & Json;
}

/** Changes `request.object`, or throws `refuse(...)`. */
export type AdmissionHook = (request: AdmissionRequest) => void;

/** What a hook is called for; a missing part means any. `subresource` is '' for the object itself, which is the default. */
export interface AdmissionRule {
  readonly operations?: readonly AdmissionRequest['operation'][];
  readonly resource?: Pick<Resource, 'group' | 'plural'>;
  readonly subresource?: string;
}

/** The registered hooks, run in the order of registration. */
export class Admission {
  readonly #hooks = new Set<{ rule: AdmissionRule; hook: AdmissionHook }>();

  /**
   * Adds a hook; answers the function that takes it away again.
   *
   * @example api.admission.add({ operations: ['CREATE'], resource: pods }, (request) => { throw refuse(request, 'exceeded quota: pods'); });
   */
  add(rule: AdmissionRule, hook: AdmissionHook): () => void {
    const entry = { rule, hook };
    this.#hooks.add(entry);
    return () => void this.#hooks.delete(entry);
  }

  /** Calls every hook that fits. */
  run(request: AdmissionRequest): void {
    for (const { rule, hook } of this.#hooks) if (fits(rule, request)) hook(request);
  }
}

function fits(rule: AdmissionRule, request: AdmissionRequest): boolean {
  if (rule.operations && !rule.operations.includes(request.operation)) return false;
  if ((rule.subresource ?? '') !== (request.subresource ?? '')) return false;
  const { group, plural } = request.resource;
  return !rule.resource || (rule.resource.group === group && rule.resource.plural === plural);
}

/** The 403 of quota, Pod Security and other plug-ins: `pods "x" is forbidden: <why>`. */
export function refuse(request: Pick<AdmissionRequest, 'resource' | 'name'>, why: string): StatusError {
  return forbidden(request.resource, request.name, why);
}

/** The refusal of a validating webhook, in the server's words. */
export function denied(webhook: string, why: string): StatusError {
  return failure(403, 'Forbidden', `admission webhook "${webhook}" denied the request: ${why}`);
}
