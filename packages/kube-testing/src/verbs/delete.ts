/** @module DELETE: preconditions, grace, finalizers and propagation. */
import type { Status } from '@vpn-k8s/kube';
import { badRequest, conflict, notFound } from '../errors.ts';
import { clone, isObject, type Json } from '../store/clone.ts';
import type { Stored } from '../store/store.ts';
import { type Answer, type Call, isDryRun, type Machinery } from './call.ts';

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Deletes one object, or marks it for those who must finish first (kubelet, finalizers). */
export function remove(machinery: Machinery, call: Call): Answer {
  const object = machinery.store.get(call.kind.resource, call.namespace, call.name ?? '') as
    | (Stored & Json)
    | undefined;
  if (!object) throw notFound(call.kind.resource, call.name ?? '');
  const options = optionsOf(call);
  requirePreconditions(call, object, options);
  const { resource } = call.kind;
  const named = { operation: 'DELETE', resource, name: object.metadata.name, namespace: call.namespace } as const;
  machinery.admission.run({ ...named, user: call.user, dryRun: isDryRun(call), old: object });
  if (isDryRun(call)) return { code: 200, body: success(call, object) };
  const waiting = mark(machinery, call, object, options);
  return waiting ? { code: 200, body: waiting } : { code: 200, body: success(call, object) };
}

function optionsOf(call: Call): DeleteOptions {
  const body = isObject(call.body) ? (call.body as DeleteOptions) : {};
  const { gracePeriodSeconds, propagationPolicy, dryRun, ...rest } = { ...call.query, ...body } as Json;
  const policy = propagationPolicy as string | undefined;
  if (policy !== undefined && !['Background', 'Foreground', 'Orphan'].includes(policy)) {
    throw badRequest(
      `invalid propagationPolicy "${policy.slice(0, 60)}": supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  return {
    ...(rest as DeleteOptions),
    ...(policy !== undefined && { propagationPolicy: policy }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds: Number(gracePeriodSeconds) }),
  };
}

function requirePreconditions(call: Call, object: Stored, { preconditions = {} }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions;
  const fail = (what: string, wanted: string, seen: string) =>
    conflict(
      call.kind.resource,
      object.metadata.name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${seen}`,
    );
  if (uid !== undefined && uid !== object.metadata.uid) throw fail('UID', uid, object.metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
    throw fail('ResourceVersion', resourceVersion, object.metadata.resourceVersion);
  }
}

/** Removes the object when nobody must finish first; else marks it and answers it. */
function mark(machinery: Machinery, call: Call, object: Stored & Json, options: DeleteOptions): Json | undefined {
  const { store } = machinery;
  const grace = graceOf(call, object, options);
  const finalizers = finalizersFor(call, object, options);
  if (grace === 0 && finalizers.length === 0) {
    store.remove(call.kind.resource, object);
    return undefined;
  }
  const marked = clone(object) as Json;
  const metadata = marked.metadata as Json;
  metadata.deletionTimestamp ??= deletionTime(grace);
  metadata.deletionGracePeriodSeconds = grace;
  if (finalizers.length > 0 && call.kind.resource.plural !== 'namespaces') metadata.finalizers = finalizers;
  if (call.kind.resource.plural === 'namespaces') marked.status = { ...(marked.status as Json), phase: 'Terminating' };
  return store.put(call.kind.resource, marked) as Stored & Json;
}

const deletionTime = (grace: number) => `${new Date(Date.now() + grace * 1000).toISOString().slice(0, 19)}Z`;

/** Only pods have grace: those on a node wait for the kubelet to say that they ended (a second delete with 0). */
function graceOf(call: Call, object: Json, options: DeleteOptions): number {
  if (call.kind.resource.plural !== 'pods') return 0;
  const spec = object.spec as Json;
  const ended = ['Succeeded', 'Failed'].includes(String((object.status as Json | undefined)?.phase));
  if (!spec.nodeName || ended) return 0;
  const wanted = options.gracePeriodSeconds ?? (spec.terminationGracePeriodSeconds as number | undefined) ?? 30;
  const running = (object.metadata as Json).deletionGracePeriodSeconds as number | undefined;
  return running === undefined ? wanted : Math.min(wanted, running);
}

function finalizersFor(call: Call, object: Stored & Json, { propagationPolicy }: DeleteOptions): string[] {
  const own = (object.metadata.finalizers ?? []).filter((each) => !['orphan', 'foregroundDeletion'].includes(each));
  const namespace = call.kind.resource.plural === 'namespaces' ? ['kubernetes'] : [];
  const extra =
    propagationPolicy === 'Foreground' ? ['foregroundDeletion'] : propagationPolicy === 'Orphan' ? ['orphan'] : [];
  return [...own, ...namespace, ...extra];
}

/** After a change: a marked object without finalizers (and, for pods, without grace) goes. */
export function finish({ store }: Machinery, call: Call, object: Stored & Json): Stored & Json {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
  const namespace =
    call.kind.resource.plural === 'namespaces' &&
    ((object.spec as Json | undefined)?.finalizers as string[] | undefined)?.length;
  if (deletionTimestamp && finalizers.length === 0 && !namespace && deletionGracePeriodSeconds === 0) {
    store.remove(call.kind.resource, object);
  }
  return object;
}

function success(call: Call, object: Stored): Json | Status {
  if (call.kind.resource.plural === 'pods') return object as Stored & Json;
  const { group, plural } = call.kind.resource;
  const details = { name: object.metadata.name, ...(group && { group }), kind: plural, uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
