/** @module The API server around a hook, filled with the objects of a state. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as kube from '@vpn-k8s/kube';
import { ApiServer } from '@vpn-k8s/kube-testing';
import type { KubernetesRequest } from '../state/results.ts';
import type { KubernetesObject, KubernetesState, State } from '../state/state.ts';
import type { Places } from './environment.ts';

/** An API server while the hook runs. */
export interface RunningKubernetes {
  readonly address: Places['kubernetes'];
  /** All objects but those that the server and Juju have made by themselves. */
  objects(): readonly KubernetesObject[];
  /** What the charm asked. */
  requests(): readonly KubernetesRequest[];
  stop(): Promise<void>;
}

const mounted = 'var/run/secrets/kubernetes.io/serviceaccount';

/** Starts an API server and mounts the pod's token under `root`. */
export async function startKubernetes(state: State, given: KubernetesState, root: string): Promise<RunningKubernetes> {
  const api = await ApiServer.start();
  try {
    return furnished(api, state, given, root);
  } catch (error) {
    await api.stop();
    throw error;
  }
}

function furnished(api: ApiServer, state: State, given: KubernetesState, root: string): RunningKubernetes {
  const application = state.unit.replace(/\/\d+$/, '');
  const namespace = state.model.name;
  const made = api.seed(...jujuObjects(application, namespace, state.trusted));
  for (const account of made.filter(({ kind }) => kind === 'ServiceAccount')) {
    const metadata = { ...account.metadata, uid: lastingUid(`${state.model.uuid} ${application}`) };
    api.store.put(kube.serviceAccounts, { ...account, metadata });
  }
  const own = new Set(api.store.everything().map((one) => one.metadata.uid));
  for (const object of given.objects) put(api, object);
  for (const { filter, fault, times } of given.faults ?? []) api.faults.next(filter, fault, times);
  mount(join(root, mounted), { token: api.issueToken(namespace, application), 'ca.crt': api.ca, namespace });
  const { hostname: host, port } = new URL(api.url);
  const user = `system:serviceaccount:${namespace}:${application}`;
  return {
    address: { host, port },
    objects: () => api.store.everything().filter((one) => !own.has(one.metadata.uid)) as unknown as KubernetesObject[],
    requests: () =>
      api.requests
        .filter((one) => one.user === user && one.resource !== '')
        .map(({ verb, path, code = 0, body }) => ({ verb, path, code, ...(body === undefined ? {} : { body }) })),
    stop: () => api.stop(),
  };
}

/**
 * Why the same in every hook: a charm's objects may be owned by its ServiceAccount, and those whose owner has another uid are
 * collected as garbage.
 */
function lastingUid(of: string): string {
  const hex = createHash('sha256').update(of).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What Juju makes for an application before its first hook, as far as the token and its rights go. */
function jujuObjects(application: string, namespace: string, trusted: boolean): kube.KubeObject[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const name = `${namespace}-${application}`;
  const subjects = [{ kind: 'ServiceAccount', name: application, namespace }];
  const roleRef = (kind: string, role: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: role });
  const rules = trusted ? [rule('*', '*', ['*'])] : untrustedRules;
  const clusterRules = trusted ? [rule('*', '*', ['*'])] : [rule('', 'namespaces', ['get', 'list'])];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: application, namespace } },
    { apiVersion: rbac, kind: 'Role', metadata: { name: application, namespace }, rules },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: { name: application, namespace },
      roleRef: roleRef('Role', application),
      subjects,
    },
    { apiVersion: rbac, kind: 'ClusterRole', metadata: { name }, rules: clusterRules },
    {
      apiVersion: rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: roleRef('ClusterRole', name),
      subjects,
    },
  ] as kube.KubeObject[];
}

function rule(group: string, resource: string, verbs: string[]): object {
  return { apiGroups: [group], resources: [resource], verbs };
}

/** Without --trust: juju `internal/provider/kubernetes/application/trust.go`. */
const untrustedRules = [
  rule('', 'namespaces', ['get', 'list']),
  rule('', 'pods', ['get', 'list', 'patch']),
  rule('', 'services', ['get', 'list', 'patch']),
  rule('', 'pods/exec', ['create']),
];

/** An object that a hook left comes back as it was; a new one goes through the server's defaults and checks. */
function put(api: ApiServer, object: KubernetesObject): void {
  const known = Object.values(kube).find((one) => isResourceOf(one, object));
  if (object.metadata.uid === undefined || known === undefined) api.seed(object as unknown as kube.KubeObject);
  else api.store.put(known as kube.Resource, object as unknown as kube.KubeObject);
}

function isResourceOf(candidate: unknown, object: KubernetesObject): boolean {
  const { group, version, kind, plural } = (candidate ?? {}) as Partial<kube.Resource>;
  return (
    plural !== undefined && kind === object.kind && (group ? `${group}/${version}` : version) === object.apiVersion
  );
}

function mount(dir: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
}
