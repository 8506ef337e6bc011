/** @module Pod: what is added on create (status, token volume) and what may change afterwards. */
import { randomBytes } from 'node:crypto';
import { serviceAccounts } from '@vpn-k8s/kube';
import { type FieldError, fieldErrors } from '../errors.ts';
import { clone, isObject, type Json, same } from '../store/clone.ts';
import type { Strategy, Surroundings } from './kind.ts';
import { child, containersOf, fill, items, podDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';

const tokenMount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Pod: defaults, what admission adds, what may change. */
export const pod: Strategy = {
  defaults: podDefaults,
  prepare(object, old, around) {
    if (old !== undefined) return;
    const spec = object.spec as Json;
    fill(spec, {
      serviceAccountName: 'default',
      serviceAccount: 'default',
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
    });
    object.status = { phase: 'Pending', qosClass: qosClass(spec) };
    mountToken(object, spec, around);
    addNodeTolerations(spec);
  },
  validate(object, old) {
    const spec = object.spec as Json;
    return [...validatePodSpec(spec, 'spec'), ...(old === undefined ? [] : unchangeable(spec, old.spec as Json))];
  },
};

/** What the admission plug-in ServiceAccount does: a projected token at the well-known path of every container. */
function mountToken(object: Json, spec: Json, { store }: Surroundings): void {
  const namespace = (object.metadata as Json).namespace as string;
  const account = store.get(serviceAccounts, namespace, spec.serviceAccountName as string) as Json | undefined;
  if ((spec.automountServiceAccountToken ?? account?.automountServiceAccountToken) === false) return;
  const unmounted = containersOf(spec).filter(
    (each) => !items(each, 'volumeMounts').some(({ mountPath }) => mountPath === tokenMount),
  );
  if (unmounted.length === 0) return;
  const name = `kube-api-access-${randomBytes(4).toString('hex').slice(0, 5)}`;
  spec.volumes = [...items(spec, 'volumes'), { name, projected: tokenVolume() }];
  for (const container of unmounted) {
    container.volumeMounts = [...items(container, 'volumeMounts'), { mountPath: tokenMount, name, readOnly: true }];
  }
}

function tokenVolume(): Json {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [namespace] } },
    ],
  };
}

/** What the admission plug-in DefaultTolerationSeconds does. */
function addNodeTolerations(spec: Json): void {
  const tolerations = items(spec, 'tolerations');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter(
      (key) =>
        !tolerations.some((each) => (each.key === key || !each.key) && (!each.effect || each.effect === 'NoExecute')),
    )
    .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 }));
  if (missing.length > 0) spec.tolerations = [...tolerations, ...missing];
}

function qosClass(spec: Json): string {
  const resources = [...items(spec, 'containers'), ...items(spec, 'initContainers')].map(
    ({ resources }) => (resources ?? {}) as Json,
  );
  const set = (each: Json) => [each.requests, each.limits].some((list) => isObject(list) && (list.cpu ?? list.memory));
  if (!resources.some(set)) return 'BestEffort';
  const full = (each: Json) => {
    const { requests, limits } = each as { requests?: Json; limits?: Json };
    return (
      limits?.cpu !== undefined &&
      limits.memory !== undefined &&
      limits.cpu === requests?.cpu &&
      limits.memory === requests?.memory
    );
  };
  return resources.every(full) ? 'Guaranteed' : 'Burstable';
}

/** A pod's spec is fixed but for images, more tolerations, a deadline and fewer gates. */
function unchangeable(spec: Json, old: Json): FieldError[] {
  for (const list of ['containers', 'initContainers']) {
    if (items(spec, list).length !== items(old, list).length) {
      return [fieldErrors.forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
  }
  const lost = items(old, 'tolerations').some((each) => !items(spec, 'tolerations').some((now) => same(each, now)));
  if (lost)
    return [
      fieldErrors.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    ];
  if (same(fixedPart(spec), fixedPart(old))) return [];
  const allowed =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [fieldErrors.forbidden('spec', `pod updates may not change fields other than ${allowed}`)];
}

function fixedPart(spec: Json): Json {
  const { tolerations, activeDeadlineSeconds, schedulingGates, ...rest } = clone(spec);
  for (const container of containersOf(rest)) container.image = '';
  return rest;
}

/** `pods/binding`: what the scheduler posts to put a pod on a node. */
export function bind(object: Json, binding: unknown): void {
  const target = isObject(binding) && isObject(binding.target) ? binding.target.name : undefined;
  child(object, 'spec').nodeName = target;
}
