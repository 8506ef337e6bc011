/** @module StatefulSet and its neighbours in the group apps: defaults, and the fields that cannot be changed. */
import { type FieldError, fieldErrors } from '../errors.ts';
import { isObject, type Json, same } from '../store/clone.ts';
import { matchesLabels } from '../store/selectors.ts';
import type { Strategy } from './kind.ts';
import { child, fill, items, podSpecDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';

/** Fields of a StatefulSet's spec that may change (pkg/apis/apps/validation/validation.go). */
const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const immutableSentence =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function templateDefaults(object: Json): Json {
  const spec = child(object, 'spec');
  const template = child(spec, 'template');
  child(template, 'metadata');
  podSpecDefaults(child(template, 'spec'));
  child(object, 'status');
  return spec;
}

function claimDefaults(claim: Json): void {
  Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
  fill(child(claim, 'spec'), { volumeMode: 'Filesystem' });
  fill(claim, { status: { phase: 'Pending' } });
}

/** StatefulSet (pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation). */
export const statefulSet: Strategy = {
  defaults(object) {
    const spec = templateDefaults(object);
    fill(spec, { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 });
    fill(child(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
    const strategy = child(spec, 'updateStrategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.type === 'RollingUpdate') fill(child(strategy, 'rollingUpdate'), { partition: 0 });
    for (const claim of items(spec, 'volumeClaimTemplates')) claimDefaults(claim);
    fill(child(object, 'status'), { replicas: 0 });
  },
  validate(object, old) {
    const changed = old === undefined ? [] : unchangeable(object.spec as Json, old.spec as Json);
    return [...validateTemplate(object), ...changed];
  },
};

function unchangeable(spec: Json, old: Json): FieldError[] {
  const fixed = (from: Json) => Object.fromEntries(Object.entries(from).filter(([key]) => !mutable.includes(key)));
  return same(fixed(spec), fixed(old)) ? [] : [fieldErrors.forbidden('spec', immutableSentence)];
}

/** What all kinds with a pod template must satisfy. */
function validateTemplate(object: Json): FieldError[] {
  const spec = object.spec as Json;
  const template = spec.template as Json;
  const claims = items(spec, 'volumeClaimTemplates').map((claim) => String((claim.metadata as Json | undefined)?.name));
  return [
    ...validateSelector(spec, template),
    ...validatePodSpec(template.spec as Json, 'spec.template.spec', claims),
    ...restartPolicy(template.spec as Json),
  ];
}

function restartPolicy(spec: Json): FieldError[] {
  if (spec.restartPolicy === 'Always') return [];
  return [fieldErrors.notSupported('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always'])];
}

function validateSelector(spec: Json, template: Json): FieldError[] {
  if (!isObject(spec.selector)) return [fieldErrors.required('spec.selector')];
  const labels = ((template.metadata as Json | undefined)?.labels ?? {}) as Record<string, string>;
  const empty = Object.keys(spec.selector).length === 0;
  if (empty)
    return [fieldErrors.invalid('spec.selector', spec.selector, `empty selector is invalid for ${'statefulset'}`)];
  if (matchesLabels(spec.selector, labels)) return [];
  return [fieldErrors.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

/** Deployment; nothing here runs its pods. */
export const deployment: Strategy = {
  defaults(object) {
    const spec = templateDefaults(object);
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = child(spec, 'strategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.type === 'RollingUpdate')
      fill(child(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
  },
  validate: (object) => validateTemplate(object),
};

/** DaemonSet; nothing here runs its pods. */
export const daemonSet: Strategy = {
  defaults(object) {
    const spec = templateDefaults(object);
    fill(spec, { revisionHistoryLimit: 10 });
    const strategy = child(spec, 'updateStrategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.type === 'RollingUpdate') fill(child(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 });
  },
  validate: (object) => validateTemplate(object),
};

/** ControllerRevision: its data cannot change. */
export const controllerRevision: Strategy = {
  validate(object, old) {
    if (old === undefined || same(object.data, old.data)) return [];
    return [fieldErrors.invalid('data', object.data, 'field is immutable')];
  },
};
