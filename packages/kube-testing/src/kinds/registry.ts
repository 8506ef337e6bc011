/** @module All kinds that the server serves: the built-in ones, and those of CustomResourceDefinitions in the store. */
import * as kube from '@vpn-k8s/kube';
import type { Store } from '../store/store.ts';
import * as core from './core.ts';
import type { Kind, Strategy } from './kind.ts';
import { pod } from './pod.ts';
import { endpointSlice, endpoints, networkPolicy, service } from './service.ts';
import { controllerRevision, daemonSet, deployment, statefulSet } from './workloads.ts';

interface Row {
  readonly resource: kube.Resource<never> | kube.Resource;
  readonly strategy?: Strategy;
  readonly short?: readonly string[];
  readonly generation?: boolean;
  readonly subresources?: readonly string[];
}

const plain = (group: string, version: string, plural: string, kind: string, namespaced = true): kube.Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

const workload = { generation: true, subresources: ['status', 'scale'] } as const;
const status = ['status'] as const;

const rows: readonly Row[] = [
  {
    resource: kube.pods,
    strategy: pod,
    short: ['po'],
    generation: true,
    subresources: ['status', 'binding', 'eviction'],
  },
  { resource: kube.configMaps, strategy: core.configMap, short: ['cm'] },
  { resource: kube.secrets, strategy: core.secret },
  { resource: kube.services, strategy: service, short: ['svc'], subresources: status },
  { resource: kube.endpoints, strategy: endpoints, short: ['ep'] },
  { resource: kube.serviceAccounts, short: ['sa'], subresources: ['token'] },
  { resource: kube.events, short: ['ev'] },
  { resource: kube.resourceQuotas, short: ['quota'], subresources: status },
  { resource: kube.persistentVolumeClaims, strategy: core.persistentVolumeClaim, short: ['pvc'], subresources: status },
  { resource: plain('', 'v1', 'persistentvolumes', 'PersistentVolume', false), short: ['pv'], subresources: status },
  { resource: kube.namespaces, strategy: core.namespace, short: ['ns'], subresources: ['status', 'finalize'] },
  { resource: kube.nodes, strategy: core.node, short: ['no'], subresources: status },
  { resource: kube.statefulSets, strategy: statefulSet, short: ['sts'], ...workload },
  { resource: kube.deployments, strategy: deployment, short: ['deploy'], ...workload },
  { resource: kube.daemonSets, strategy: daemonSet, short: ['ds'], generation: true, subresources: status },
  { resource: kube.controllerRevisions, strategy: controllerRevision },
  { resource: kube.endpointSlices, strategy: endpointSlice, generation: true },
  { resource: kube.networkPolicies, strategy: networkPolicy, short: ['netpol'], generation: true },
  { resource: kube.serviceCidrs, subresources: status },
  { resource: kube.roles, strategy: core.role },
  { resource: kube.roleBindings, strategy: core.binding },
  { resource: kube.clusterRoles, strategy: core.role },
  { resource: kube.clusterRoleBindings, strategy: core.binding },
  {
    resource: kube.customResourceDefinitions,
    strategy: core.customResourceDefinition,
    short: ['crd', 'crds'],
    generation: true,
    subresources: status,
  },
  {
    resource: plain(
      'admissionregistration.k8s.io',
      'v1',
      'mutatingwebhookconfigurations',
      'MutatingWebhookConfiguration',
      false,
    ),
    generation: true,
  },
  { resource: plain('coordination.k8s.io', 'v1', 'leases', 'Lease') },
];

/** The package of a kind's Go type, as the schema file names it. */
const schemaGroups: Readonly<Record<string, string>> = {
  '': 'core',
  'discovery.k8s.io': 'discovery',
  'networking.k8s.io': 'networking',
  'rbac.authorization.k8s.io': 'rbac',
  'apiextensions.k8s.io': 'apiextensions',
  'admissionregistration.k8s.io': 'admissionregistration',
  'coordination.k8s.io': 'coordination',
};

function kindOf({ resource, strategy, short = [], generation = false, subresources = [] }: Row): Kind {
  const { group, version, kind } = resource;
  const ref = `${schemaGroups[group] ?? group}.${version}.${kind}`;
  const base = { resource: resource as kube.Resource, schema: { ref }, singular: kind.toLowerCase() };
  return { ...base, shortNames: short, generation, subresources, ...strategy };
}

const builtIn: readonly Kind[] = rows.map(kindOf);

/** Every kind that is served at this moment. */
export function servedKinds(store: Store): Kind[] {
  return [...builtIn, ...store.list(kube.customResourceDefinitions).flatMap(customKinds)];
}

/** The kind behind a path, or undefined. */
export function findKind(store: Store, group: string, version: string, plural: string): Kind | undefined {
  const fits = ({ resource }: Kind) =>
    resource.group === group && resource.version === version && resource.plural === plural;
  return builtIn.find(fits) ?? (group.includes('.') ? servedKinds(store).find(fits) : undefined);
}

/** Custom resources: free JSON (their schemas are not enforced), a generation that counts changes outside metadata and status. */
function customKinds(definition: kube.CustomResourceDefinition): Kind[] {
  const { group, names, scope, versions } = definition.spec;
  return versions
    .filter((version) => version.served)
    .map((version) => ({
      resource: plain(group, version.name, names.plural, names.kind, scope === 'Namespaced'),
      schema: undefined,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      generation: true,
      subresources: 'subresources' in version ? ['status'] : [],
    }));
}
