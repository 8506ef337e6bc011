/** @module The small kinds: namespaces, secrets, config maps, claims, RBAC and definitions of custom resources. */
import { type FieldError, fieldErrors } from '../errors.ts';
import { isObject, type Json, same } from '../store/clone.ts';
import type { Strategy } from './kind.ts';
import { child, fill, items } from './pod-defaults.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Namespace: its name as a label, the finalizer that empties it (pkg/registry/core/namespace). */
export const namespace: Strategy = {
  defaults(object) {
    const metadata = child(object, 'metadata');
    child(metadata, 'labels')['kubernetes.io/metadata.name'] = metadata.name;
    fill(child(object, 'status'), { phase: 'Active' });
  },
  prepare(object, old) {
    if (old === undefined) object.spec = { finalizers: ['kubernetes'] };
  },
};

const keyForm = /^[-._a-zA-Z0-9]+$/;
const keySentence =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function dataErrors(object: Json, old: Json | undefined): FieldError[] {
  const keys = Object.keys((object.data ?? {}) as Json).filter((key) => !keyForm.test(key) || key.length > 253);
  const size = JSON.stringify(object.data ?? {}).length;
  const frozen = old?.immutable === true && !same(object.data, old.data);
  return [
    ...keys.map((key) => fieldErrors.invalid(`data[${key}]`, key, keySentence)),
    ...(size > 1024 * 1024
      ? [{ field: '[]', reason: 'FieldValueTooLong', message: 'Too long: may not be more than 1048576 bytes' }]
      : []),
    ...(frozen ? [fieldErrors.forbidden('data', 'field is immutable when `immutable` is set')] : []),
  ];
}

/** ConfigMap: keys, size, immutability (pkg/apis/core/validation). */
export const configMap: Strategy = { validate: dataErrors };

/** Secret: type, text that becomes base64, immutability. */
export const secret: Strategy = {
  defaults(object) {
    fill(object, { type: 'Opaque' });
    if (!isObject(object.stringData)) return;
    const encoded = Object.entries(object.stringData).map(([key, text]) => [
      key,
      Buffer.from(String(text)).toString('base64'),
    ]);
    object.data = { ...(object.data as Json), ...Object.fromEntries(encoded) };
    delete object.stringData;
  },
  validate(object, old) {
    const moved = old !== undefined && old.type !== object.type;
    return [
      ...dataErrors(object, old),
      ...(moved ? [fieldErrors.invalid('type', object.type, 'field is immutable')] : []),
    ];
  },
};

/** PersistentVolumeClaim: volume mode, protection while it is there. */
export const persistentVolumeClaim: Strategy = {
  defaults(object) {
    fill(child(object, 'spec'), { volumeMode: 'Filesystem' });
    fill(child(object, 'status'), { phase: 'Pending' });
  },
  prepare(object, old) {
    const metadata = child(object, 'metadata');
    if (old === undefined)
      metadata.finalizers = [...((metadata.finalizers as string[]) ?? []), 'kubernetes.io/pvc-protection'];
  },
};

/** Node: stored as it comes. */
export const node: Strategy = {};

const userGroup = (kind: unknown) => (kind === 'ServiceAccount' ? undefined : rbacGroup);

/** RoleBinding and ClusterRoleBinding: groups of subjects, a roleRef that cannot change (pkg/apis/rbac). */
export const binding: Strategy = {
  defaults(object) {
    fill(child(object, 'roleRef'), { apiGroup: rbacGroup });
    for (const subject of items(object, 'subjects')) {
      const group = userGroup(subject.kind);
      if (group) fill(subject, { apiGroup: group });
    }
  },
  validate(object, old) {
    const changed = old !== undefined && !same(object.roleRef, old.roleRef);
    return changed ? [fieldErrors.invalid('roleRef', object.roleRef, 'cannot change roleRef')] : [];
  },
};

/** Role and ClusterRole: rules must name verbs, groups and resources. */
export const role: Strategy = {
  validate(object) {
    return items(object, 'rules').flatMap((rule, index) => {
      const empty = (key: string) => !Array.isArray(rule[key]) || (rule[key] as unknown[]).length === 0;
      const errors = empty('verbs')
        ? [fieldErrors.required(`rules[${index}].verbs`, 'verbs must contain at least one value')]
        : [];
      if (!empty('nonResourceURLs')) return errors;
      const group = empty('apiGroups')
        ? [fieldErrors.required(`rules[${index}].apiGroups`, 'resource rules must supply at least one api group')]
        : [];
      const none = empty('resources')
        ? [fieldErrors.required(`rules[${index}].resources`, 'resource rules must supply at least one resource')]
        : [];
      return [...errors, ...group, ...none];
    });
  },
};

/** CustomResourceDefinition: names, and a status that says at once that it is established. */
export const customResourceDefinition: Strategy = {
  defaults(object) {
    const names = child(child(object, 'spec'), 'names');
    const kind = String(names.kind ?? '');
    fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
    fill(object.spec as Json, { conversion: { strategy: 'None' } });
  },
  prepare(object, old) {
    if (old !== undefined) return;
    const spec = object.spec as Json;
    const condition = (type: string, reason: string, message: string) => ({ type, status: 'True', reason, message });
    object.status = {
      acceptedNames: spec.names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: items(spec, 'versions')
        .filter((version) => version.storage === true)
        .map((version) => version.name),
    };
  },
  validate(object) {
    const spec = object.spec as Json;
    const expected = `${(spec.names as Json).plural}.${spec.group}`;
    const name = (object.metadata as Json).name;
    return name === expected
      ? []
      : [fieldErrors.invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
  },
};
