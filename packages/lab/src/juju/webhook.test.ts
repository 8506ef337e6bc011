import { clusterRoleBindings, configMaps, namespaces, serviceAccounts } from '@vpn-k8s/kube';
import { ApiServer } from '@vpn-k8s/kube-testing';
import { expect, test } from 'vitest';
import { deploy } from './model/operator.ts';
import { newModel } from './model/state.ts';
import { mini } from './replay/charms.ts';
import { registerWebhook } from './webhook.ts';

test('what an application writes is labelled as made by it, in its model only, unless the object says no', async () => {
  const api = await ApiServer.start();
  const model = newModel('lab', 'model-uuid');
  deploy(model, mini, { application: 'alpha' });
  registerWebhook(api.admission, { model, controllerUuid: 'c', controllerAddress: '', imageRepo: '' });
  const admin = api.client();
  for (const name of ['lab', 'other']) await admin.create(namespaces, { metadata: { name } });
  for (const name of ['alpha', 'stranger'])
    await admin.create(serviceAccounts, { metadata: { name, namespace: 'lab' } }, { namespace: 'lab' });
  const subjects = [{ kind: 'Group', name: 'system:serviceaccounts', apiGroup: 'rbac.authorization.k8s.io' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await admin.create(clusterRoleBindings, { metadata: { name: 'all' }, roleRef, subjects });
  const labelsOf = async (
    account: string | undefined,
    name: string,
    namespace: string,
    labels: Record<string, string> = {},
  ) => {
    const client = account ? api.client(api.issueToken('lab', account)) : admin;
    return (
      (await client.create(configMaps, { metadata: { name, namespace, labels } }, { namespace })).metadata?.labels ?? {}
    );
  };
  expect(await labelsOf('alpha', 'a', 'lab', { 'app.kubernetes.io/managed-by': 'me' })).toEqual({
    'app.juju.is/created-by': 'alpha',
    'app.kubernetes.io/managed-by': 'me',
    'model.juju.is/id': 'model-uuid',
    'model.juju.is/name': 'lab',
  });
  expect(await labelsOf('alpha', 'b', 'other')).toEqual({});
  expect(await labelsOf('stranger', 'c', 'lab')).toEqual({});
  expect(await labelsOf(undefined, 'd', 'lab')).toEqual({});
  expect(Object.keys(await labelsOf('alpha', 'e', 'lab', { 'model.juju.is/disable-webhook': 'true' }))).toEqual([
    'model.juju.is/disable-webhook',
  ]);
  await api.stop();
});
