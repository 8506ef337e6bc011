import {
  clusterRoleBindings,
  clusterRoles,
  type KubeObject,
  namespaces,
  type Resource,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { ApiServer } from '@vpn-k8s/kube-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configure, deploy } from '../model/operator.ts';
import { newModel } from '../model/state.ts';
import { full, mini } from '../replay/charms.ts';
import { readFixture } from '../replay/recording.ts';
import { ensureObjects, ensurePorts, removeObjects } from './ensure.ts';
import type { ModelContext } from './names.ts';

const model = newModel('lab', '00000000-0000-4000-8000-000000000001');
const context: ModelContext = {
  model,
  controllerUuid: '00000000-0000-4000-8000-000000000016',
  controllerAddress: '10.152.183.11:17070',
  imageRepo: 'REGISTRY/juju',
};
let api: ApiServer;

beforeAll(async () => {
  api = await ApiServer.start();
  await api.client().create(namespaces, { metadata: { name: 'lab' } });
});
afterAll(() => api.stop());

const applications = {
  'full-trust': { name: 'alpha', charm: full, trust: true, uniqueId: '1a2e6e' },
  'full-notrust': { name: 'beta', charm: full, trust: false, uniqueId: '' },
  'mini-trust': { name: 'gamma', charm: mini, trust: true, uniqueId: '' },
};

describe('objects as Juju 4.0.15 left them', () => {
  const rows: [keyof typeof applications, Resource<KubeObject>, string, string][] = [
    ['full-trust', statefulSets, 'alpha', 'statefulset--alpha'],
    ['full-trust', services, 'alpha', 'service--alpha'],
    ['full-trust', services, 'alpha-endpoints', 'service--alpha-endpoints'],
    ['full-trust', serviceAccounts, 'alpha', 'serviceaccount--alpha'],
    ['full-trust', roles, 'alpha', 'role--alpha'],
    ['full-trust', roleBindings, 'alpha', 'rolebinding--alpha'],
    ['full-trust', clusterRoles, 'lab-alpha', 'clusterrole'],
    ['full-trust', clusterRoleBindings, 'lab-alpha', 'clusterrolebinding'],
    ['full-trust', secrets, 'alpha-application-config', 'secret--alpha-application-config'],
    ['full-notrust', statefulSets, 'beta', 'statefulset--beta'],
    ['full-notrust', roles, 'beta', 'role--beta'],
    ['full-notrust', clusterRoles, 'lab-beta', 'clusterrole'],
    ['mini-trust', statefulSets, 'gamma', 'statefulset--gamma'],
  ];

  beforeAll(async () => {
    for (const [variant, { name, charm, trust, uniqueId }] of Object.entries(applications)) {
      const resources = charm === full ? { 'web-image': 'REGISTRY/local/busybox:1' } : {};
      const application = deploy(model, charm, { application: name, trust, resources });
      const golden = JSON.parse(readFixture(`objects/${variant}--statefulset--${name}.json`)) as KubeObject;
      application.uniqueId = uniqueId || (golden.metadata?.annotations?.['app.juju.is/uuid'] ?? '');
      model.units.get(`${name}/0`)!.ports = [{ port: 8080, protocol: 'tcp', endpoint: '' }];
      await ensureObjects(api.client(), application, context, 'secret');
      await ensurePorts(api.client(), application, context);
    }
  });

  test.each(rows)('%s: %o %s', async (variant, resource, name, file) => {
    const live = await api.client().get(resource, name, resource.namespaced ? { namespace: 'lab' } : {});
    const golden = JSON.parse(readFixture(`objects/${variant}--${file}.json`)) as KubeObject;
    expect(comparable(live)).toEqual(comparable(golden));
  });

  test('ensuring again changes nothing, a changed image keeps what others added', async () => {
    const client = api.client();
    const application = model.applications.get('alpha')!;
    const generation = async () =>
      (await client.get(statefulSets, 'alpha', { namespace: 'lab' }))?.metadata?.generation;
    const before = await generation();
    await ensureObjects(client, application, context, 'secret');
    expect(await generation()).toBe(before);
    const patch = {
      spec: {
        template: {
          spec: { initContainers: [{ name: 'foreign', image: 'x' }], containers: [{ name: 'side', image: 'x' }] },
        },
      },
    };
    await client.patch(statefulSets, 'alpha', patch, { type: 'strategic', namespace: 'lab', fieldManager: 'other' });
    application.resources['web-image'] = 'REGISTRY/local/busybox:2';
    application.charmModified++;
    await ensureObjects(client, application, context, 'secret');
    const spec = (await client.get(statefulSets, 'alpha', { namespace: 'lab' }))?.spec?.template.spec;
    expect(spec?.initContainers?.map((c) => c.name)).toEqual(['foreign', 'charm-init']);
    expect(spec?.containers.map((c) => `${c.name} ${c.image}`)).toContain('web REGISTRY/local/busybox:2');
    expect(spec?.containers.map((c) => c.name)).toContain('side');
  });

  test('removal takes what is labelled as made by the application', async () => {
    const client = api.client();
    const application = model.applications.get('beta')!;
    await client.create(
      secrets,
      { metadata: { name: 'of-beta', namespace: 'lab', labels: { 'app.juju.is/created-by': 'beta' } } },
      { namespace: 'lab' },
    );
    await removeObjects(client, application, context);
    const left = await Promise.all(
      [statefulSets, services, secrets, roles, serviceAccounts].map((r) =>
        client.list(r as Resource<KubeObject>, { namespace: 'lab' }),
      ),
    );
    expect(
      left
        .flat()
        .map((o) => o.metadata?.name)
        .filter((name) => name?.includes('beta')),
    ).toEqual([]);
    expect(await client.get(clusterRoles, 'lab-beta')).toBeUndefined();
  });

  test('configuration does not touch the StatefulSet', () => {
    configure(model, 'alpha', { word: 'x' });
    expect(model.applications.get('alpha')?.settings).toEqual({ word: 'x' });
  });
});

/** What only a server or a controller writes is left out; so are values of the secret, which are masked. */
function comparable(object: KubeObject | undefined): unknown {
  const copy = JSON.parse(
    JSON.stringify(object ?? null, (key, value) => (isServerSide(key, value) ? undefined : value)),
  );
  if (copy?.data) copy.data = Object.keys(copy.data).sort();
  delete copy?.spec?.replicas;
  return copy;
}

function isServerSide(key: string, value: unknown): boolean {
  const keys = [
    'creationTimestamp',
    'generation',
    'resourceVersion',
    'uid',
    'status',
    'managedFields',
    'clusterIP',
    'clusterIPs',
    'namespace',
  ];
  return keys.includes(key) && !(key === 'clusterIP' && value === 'None');
}
