/** @module Behaviours: who may do what. */
import assert from 'node:assert/strict';
import {
  configMaps,
  Forbidden,
  type KubeClient,
  roleBindings,
  roles,
  serviceAccounts,
  statefulSets,
} from '@vpn-k8s/kube';
import { type Behaviour, failureOf, rows, type Scene, statefulSet } from './behaviour.ts';

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] };

/** A client of a ServiceAccount that may do what the rules say. */
async function allowed(scene: Scene, rules: Rule[]): Promise<KubeClient> {
  const { client, namespace } = scene;
  await client.create(serviceAccounts, { metadata: { name: 'app', namespace } });
  await client.create(roles, { metadata: { name: 'app', namespace }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'app' };
  await client.create(roleBindings, {
    metadata: { name: 'app', namespace },
    roleRef,
    subjects: [{ kind: 'ServiceAccount', name: 'app', namespace }],
  });
  return scene.as(namespace, 'app');
}

/** RBAC with real tokens. */
export const accesses: readonly Behaviour[] = rows('access', {
  'without a rule the server says who may not do what where': async (scene) => {
    await scene.client.create(statefulSets, statefulSet('app', scene.namespace));
    const app = await allowed(scene, []);
    const error = await failureOf(
      app.patch(
        statefulSets,
        'app',
        { metadata: { labels: { a: 'b' } } },
        { namespace: scene.namespace, type: 'strategic' },
      ),
    );
    assert.ok(error instanceof Forbidden);
    assert.deepEqual([error.verb, error.resource, error.namespace], ['patch', 'statefulsets.apps', scene.namespace]);
    const who = `system:serviceaccount:${scene.namespace}:app`;
    const where = `in the namespace "${scene.namespace}"`;
    assert.equal(
      error.message,
      `statefulsets.apps "app" is forbidden: User "${who}" cannot patch resource "statefulsets" in API group "apps" ${where}`,
    );
  },
  'a list names no object': async (scene) => {
    const app = await allowed(scene, []);
    const error = await failureOf(app.list(configMaps, { namespace: scene.namespace }));
    assert.match(
      error.message,
      /^configmaps is forbidden: User ".*" cannot list resource "configmaps" in API group "" in the namespace/,
    );
  },
  'all namespaces are the cluster scope': async (scene) => {
    const app = await allowed(scene, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
    assert.match((await failureOf(app.list(configMaps))).message, /at the cluster scope$/);
  },
  'a rule with names allows these only': async (scene) => {
    const { namespace, client } = scene;
    for (const name of ['a', 'b']) await client.create(configMaps, { metadata: { name, namespace } });
    const app = await allowed(scene, [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['a'] },
    ]);
    assert.ok(await app.get(configMaps, 'a', { namespace }));
    assert.ok((await failureOf(app.get(configMaps, 'b', { namespace }))) instanceof Forbidden);
  },
  'apply needs patch': async (scene) => {
    const { namespace } = scene;
    const app = await allowed(scene, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]);
    await app.apply(configMaps, { metadata: { name: 'm', namespace } }, { fieldManager: 'app' });
    assert.ok((await failureOf(app.create(configMaps, { metadata: { name: 'n', namespace } }))) instanceof Forbidden);
  },
  'status is a resource of its own': async (scene) => {
    const { namespace, client } = scene;
    await client.create(statefulSets, statefulSet('app', namespace));
    const app = await allowed(scene, [{ apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['*'] }]);
    const options = { namespace, subresource: 'status', type: 'merge' } as const;
    const error = await failureOf(app.patch(statefulSets, 'app', { status: { replicas: 0 } } as never, options));
    assert.match(error.message, /cannot patch resource "statefulsets\/status" in API group "apps"/);
  },
});
