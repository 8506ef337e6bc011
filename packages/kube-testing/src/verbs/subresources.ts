/** @module Subresources that are no part of the object itself: scale, token, binding, eviction, finalize. */
import { pods, serviceAccounts } from '@vpn-k8s/kube';
import { recordWrite } from '../apply/managed-fields.ts';
import { badRequest, failure, methodNotAllowed } from '../errors.ts';
import { bind } from '../kinds/pod.ts';
import { jsonMerge, jsonPatch } from '../patch/plain.ts';
import { clone, isObject, type Json } from '../store/clone.ts';
import { type Answer, type Call, isDryRun, type Machinery, managerOf } from './call.ts';
import { now } from './create.ts';
import { remove } from './delete.ts';
import { existing, store } from './update.ts';

/** Answers a call with a subresource other than `status`. Throws 405 for verbs it does not have. */
export function subresource(machinery: Machinery, call: Call): Answer {
  const name = call.subresource;
  if (name === 'scale') return scale(machinery, call);
  if (name === 'finalize' && call.verb === 'update') return finalize(machinery, call);
  if (call.verb !== 'create') throw methodNotAllowed(call.kind.resource);
  if (name === 'token') return token(machinery, call);
  if (name === 'binding') return binding(machinery, call);
  return remove(machinery, {
    ...call,
    verb: 'delete',
    subresource: undefined,
    body: isObject(call.body) ? call.body.deleteOptions : undefined,
  });
}

/** Writes a change of the object that a subresource stands for. */
function change(machinery: Machinery, call: Call, edit: (object: Json) => void): Json {
  const old = existing(machinery, call);
  const object = clone(old) as Json;
  edit(object);
  const { resourceVersion, ...metadata } = object.metadata as Json;
  return store(machinery, call, old, { ...object, metadata }, (next) =>
    recordWrite(old, next, managerOf(call), call.kind, call.subresource),
  );
}

function scale(machinery: Machinery, call: Call): Answer {
  const view = scaleOf(existing(machinery, call));
  if (call.verb === 'get') return { code: 200, body: view };
  const wanted = (call.verb === 'update' ? call.body : patchedScale(call, view)) as Json;
  const replicas = (wanted.spec as Json | undefined)?.replicas ?? 0;
  if (!Number.isInteger(replicas) || (replicas as number) < 0)
    throw badRequest('spec.replicas: must be greater than or equal to 0');
  return {
    code: 200,
    body: scaleOf(change(machinery, call, (object) => Object.assign(object.spec as Json, { replicas }))),
  };
}

function patchedScale(call: Call, view: Json): unknown {
  if (call.verb !== 'patch') throw methodNotAllowed(call.kind.resource);
  return Array.isArray(call.body) ? jsonPatch(view, call.body) : jsonMerge(view, call.body);
}

function scaleOf(object: Json): Json {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata as Json;
  const spec = object.spec as Json;
  const labels = ((spec.selector as Json | undefined)?.matchLabels ?? {}) as Record<string, string>;
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas: (object.status as Json | undefined)?.replicas ?? 0, selector },
  };
}

function token({ store, tokens }: Machinery, call: Call): Answer {
  const request = isObject(call.body) ? call.body : {};
  const spec = (isObject(request.spec) ? request.spec : {}) as Json;
  const seconds = (spec.expirationSeconds as number | undefined) ?? 3600;
  if (seconds < 600) {
    const sentence = 'may not specify a duration less than 10 minutes';
    throw failure(
      422,
      'Invalid',
      `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${seconds}: ${sentence}`,
    );
  }
  const account = existing({ store } as Machinery, { ...call, kind: { ...call.kind, resource: serviceAccounts } });
  const expirationTimestamp = `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
  const status = { token: tokens.issue(call.namespace ?? '', account.metadata.name, seconds), expirationTimestamp };
  const metadata = { name: account.metadata.name, namespace: call.namespace, creationTimestamp: now() };
  return { code: 201, body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status } };
}

function binding(machinery: Machinery, call: Call): Answer {
  const pod = machinery.store.get(pods, call.namespace, call.name ?? '');
  if (pod?.spec?.nodeName) {
    throw failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on pods/binding "${call.name}": pod ${call.name} is already assigned to node "${pod.spec.nodeName}"`,
    );
  }
  const object = clone(existing(machinery, call)) as Json;
  bind(object, call.body);
  if (!isDryRun(call)) machinery.store.put(pods, object);
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

function finalize(machinery: Machinery, call: Call): Answer {
  const finalizers = ((call.body as Json).spec as Json | undefined)?.finalizers;
  return { code: 200, body: change(machinery, call, (object) => Object.assign(object.spec as Json, { finalizers })) };
}
