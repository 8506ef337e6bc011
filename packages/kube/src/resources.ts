/** @module The Kubernetes resources that this project speaks to, as data. */
import type { ControllerRevision, DaemonSet, Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.js';
import type { KubeObject } from './object.ts';

/**
 * Where objects of one kind live in the API, and (in types only) what they look like.
 *
 * @example const widgets: Resource = { group: 'example.org', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };
 */
export interface Resource<T = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never set: carries the type of the objects. */
  readonly example?: T;
}

const resource = <T>(group: string, version: string, plural: string, kind: string, namespaced = true): Resource<T> => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

/** A CustomResourceDefinition as far as callers look into it (apiextensions.k8s.io/v1). */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: { plural: string; kind: string; singular?: string; listKind?: string; shortNames?: string[] };
    versions: { name: string; served: boolean; storage: boolean; schema?: { openAPIV3Schema?: unknown } }[];
  };
}

/** A ServiceCIDR (networking.k8s.io/v1, Kubernetes 1.33 and later). */
export interface ServiceCidr extends KubeObject {
  spec: { cidrs: string[] };
}

/** An object of a kind without published types, for example a CiliumNetworkPolicy. */
export interface UntypedObject extends KubeObject {
  spec?: unknown;
  specs?: unknown;
  status?: unknown;
}

/** StatefulSets (apps/v1). */
export const statefulSets = /* @__PURE__ */ resource<StatefulSet>('apps', 'v1', 'statefulsets', 'StatefulSet');
/** Revisions of a StatefulSet's template. */
export const controllerRevisions = /* @__PURE__ */ resource<ControllerRevision>(
  'apps',
  'v1',
  'controllerrevisions',
  'ControllerRevision',
);
/** Deployments (apps/v1). */
export const deployments = /* @__PURE__ */ resource<Deployment>('apps', 'v1', 'deployments', 'Deployment');
/** DaemonSets (apps/v1). */
export const daemonSets = /* @__PURE__ */ resource<DaemonSet>('apps', 'v1', 'daemonsets', 'DaemonSet');
/** Pods. */
export const pods = /* @__PURE__ */ resource<Pod>('', 'v1', 'pods', 'Pod');
/** ConfigMaps. */
export const configMaps = /* @__PURE__ */ resource<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap');
/** Secrets. */
export const secrets = /* @__PURE__ */ resource<Secret>('', 'v1', 'secrets', 'Secret');
/** Services. */
export const services = /* @__PURE__ */ resource<Service>('', 'v1', 'services', 'Service');
/** Endpoints, the older form of EndpointSlices. */
export const endpoints = /* @__PURE__ */ resource<Endpoints>('', 'v1', 'endpoints', 'Endpoints');
/** ServiceAccounts. */
export const serviceAccounts = /* @__PURE__ */ resource<ServiceAccount>('', 'v1', 'serviceaccounts', 'ServiceAccount');
/** Events (core/v1). */
export const events = /* @__PURE__ */ resource<Event>('', 'v1', 'events', 'Event');
/** ResourceQuotas. */
export const resourceQuotas = /* @__PURE__ */ resource<ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota');
/** PersistentVolumeClaims. */
export const persistentVolumeClaims = /* @__PURE__ */ resource<PersistentVolumeClaim>(
  '',
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
/** Namespaces; cluster-wide. */
export const namespaces = /* @__PURE__ */ resource<Namespace>('', 'v1', 'namespaces', 'Namespace', false);
/** Nodes; cluster-wide. */
export const nodes = /* @__PURE__ */ resource<Node>('', 'v1', 'nodes', 'Node', false);
/** EndpointSlices (discovery.k8s.io/v1). */
export const endpointSlices = /* @__PURE__ */ resource<EndpointSlice>(
  'discovery.k8s.io',
  'v1',
  'endpointslices',
  'EndpointSlice',
);
/** NetworkPolicies (networking.k8s.io/v1). */
export const networkPolicies = /* @__PURE__ */ resource<NetworkPolicy>(
  'networking.k8s.io',
  'v1',
  'networkpolicies',
  'NetworkPolicy',
);
/** ServiceCIDRs: where Services get their addresses; Kubernetes 1.33 and later. */
export const serviceCidrs = /* @__PURE__ */ resource<ServiceCidr>(
  'networking.k8s.io',
  'v1',
  'servicecidrs',
  'ServiceCIDR',
  false,
);
/** Roles (RBAC). */
export const roles = /* @__PURE__ */ resource<Role>('rbac.authorization.k8s.io', 'v1', 'roles', 'Role');
/** RoleBindings (RBAC). */
export const roleBindings = /* @__PURE__ */ resource<RoleBinding>(
  'rbac.authorization.k8s.io',
  'v1',
  'rolebindings',
  'RoleBinding',
);
/** ClusterRoles (RBAC); cluster-wide. */
export const clusterRoles = /* @__PURE__ */ resource<ClusterRole>(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterroles',
  'ClusterRole',
  false,
);
/** ClusterRoleBindings (RBAC); cluster-wide. */
export const clusterRoleBindings = /* @__PURE__ */ resource<ClusterRoleBinding>(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);
/** CustomResourceDefinitions; cluster-wide. */
export const customResourceDefinitions = /* @__PURE__ */ resource<CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);
/** CiliumNetworkPolicies; there only where Cilium's definition is. */
export const ciliumNetworkPolicies = /* @__PURE__ */ resource<UntypedObject>(
  'cilium.io',
  'v2',
  'ciliumnetworkpolicies',
  'CiliumNetworkPolicy',
);

/**
 * The name that kubectl gives a resource: plural and group.
 *
 * @example resourceName(statefulSets) // 'statefulsets.apps'
 */
export function resourceName(resource: Pick<Resource, 'plural' | 'group'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** The value of an object's `apiVersion` for a resource. */
export function apiVersion(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
