/** @module Pure: ServiceAccount, roles and bindings of an application, with and without `--trust`. */

import type { ServiceAccount } from 'kubernetes-types/core/v1.js';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from 'kubernetes-types/rbac/v1.js';
import type { Application } from '../model/state.ts';
import { annotations, globalLabels, type ModelContext, metadata } from './names.ts';

const EVERYTHING: PolicyRule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
const RBAC = 'rbac.authorization.k8s.io';

/** The ServiceAccount; the pod asks for its token itself. */
export function serviceAccount(application: Application, context: ModelContext): ServiceAccount {
  const meta = metadata(application, application.name, context);
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta, automountServiceAccountToken: false };
}

/** The Role: everything when trusted, else pods and services of the namespace. */
export function role(application: Application, context: ModelContext): Role {
  const namespace = context.model.name;
  const few: PolicyRule[] = [
    { apiGroups: [''], resourceNames: [namespace], resources: ['namespaces'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list', 'patch'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
  ];
  const meta = metadata(application, application.name, context);
  return { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: meta, rules: application.trust ? EVERYTHING : few };
}

/** Binds the Role to the ServiceAccount. */
export function roleBinding(application: Application, context: ModelContext): RoleBinding {
  const { name } = application;
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: metadata(application, name, context),
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: context.model.name }],
  };
}

/** Name of the cluster-wide objects, `<model>-<application>`. */
export function clusterName(application: Application, context: ModelContext): string {
  return `${context.model.name}-${application.name}`;
}

/** The ClusterRole: everything when trusted, else to see namespaces. */
export function clusterRole(application: Application, context: ModelContext): ClusterRole {
  const few: PolicyRule[] = [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list'] }];
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: clusterMetadata(application, context),
    rules: application.trust ? EVERYTHING : few,
  };
}

/** Binds the ClusterRole. */
export function clusterRoleBinding(application: Application, context: ModelContext): ClusterRoleBinding {
  const name = clusterName(application, context);
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: clusterMetadata(application, context),
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: application.name, namespace: context.model.name }],
  };
}

function clusterMetadata(application: Application, context: ModelContext) {
  return {
    name: clusterName(application, context),
    labels: globalLabels(application.name, context),
    annotations: annotations(context),
  };
}
