/** @module Behaviours: creating, deleting, owners, namespaces, addresses. */
import assert from 'node:assert/strict';
import {
  AlreadyExists,
  Conflict,
  configMaps,
  customResourceDefinitions,
  Invalid,
  NotFound,
  namespaces,
  networkPolicies,
  pods,
  type Resource,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { type Behaviour, eventually, failureOf, rows, statefulSet } from './behaviour.ts';

const gone = async (promise: Promise<unknown>) => (await promise) === undefined;

/** From create to garbage collection. */
export const lifecycles: readonly Behaviour[] = rows('lifecycle', {
  'a name can be used once': async ({ client, namespace }) => {
    await client.create(configMaps, { metadata: { name: 'm', namespace } });
    const error = await failureOf(client.create(configMaps, { metadata: { name: 'm', namespace } }));
    assert.ok(error instanceof AlreadyExists);
    assert.equal(error.message, 'configmaps "m" already exists');
  },
  'generateName makes a name': async ({ client, namespace }) => {
    const made = await client.create(configMaps, { metadata: { generateName: 'm-', namespace } });
    assert.match(made.metadata?.name ?? '', /^m-[a-z0-9]{5}$/);
  },
  'nothing can be made in a namespace that is not there': async ({ client }) => {
    const error = await failureOf(client.create(configMaps, { metadata: { name: 'm', namespace: 'nowhere' } }));
    assert.ok(error instanceof NotFound);
    assert.equal(error.message, 'namespaces "nowhere" not found');
  },
  'an unknown field is refused with its path': async ({ client, namespace }) => {
    const object = statefulSet('app', namespace);
    const wrong = { ...object, spec: { ...object.spec, nope: 1 } } as never;
    const error = await failureOf(client.create(statefulSets, wrong));
    assert.ok(error instanceof Invalid);
    assert.deepEqual([error.code, error.fields], [400, ['spec.nope']]);
    assert.match(
      error.message,
      /^StatefulSet in version "v1" cannot be handled as a StatefulSet: strict decoding error: unknown field "spec\.nope"$/,
    );
  },
  'a value of the wrong type is refused': async ({ client, namespace }) => {
    const error = await failureOf(
      client.create(configMaps, { metadata: { name: 'm', namespace }, data: { a: 1 } } as never),
    );
    assert.equal(error.code, 400);
    assert.match(error.message, /json: cannot unmarshal number into Go struct field .* of type string/);
  },
  'a name in capitals is refused': async ({ client, namespace }) => {
    const error = await failureOf(client.create(configMaps, { metadata: { name: 'Loud', namespace } }));
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.fields, ['metadata.name']);
  },
  'an update with an old version is a conflict': async ({ client, namespace }) => {
    const made = await client.create(configMaps, { metadata: { name: 'm', namespace }, data: { a: '1' } });
    await client.update(configMaps, { ...made, data: { a: '2' } });
    assert.ok((await failureOf(client.update(configMaps, { ...made, data: { a: '3' } }))) instanceof Conflict);
  },
  'a delete with a wrong uid is a conflict': async ({ client, namespace }) => {
    await client.create(configMaps, { metadata: { name: 'm', namespace } });
    const error = await failureOf(client.delete(configMaps, 'm', { namespace, preconditions: { uid: 'other' } }));
    assert.ok(error instanceof Conflict);
    assert.match(error.message, /Precondition failed: UID in precondition: other, UID in object meta: /);
  },
  'deleting what is not there answers false': async ({ client, namespace }) => {
    assert.equal(await client.delete(configMaps, 'gone', { namespace }), false);
  },
  'what is owned goes with its owner': async ({ client, namespace }) => {
    const owner = await client.create(serviceAccounts, { metadata: { name: 'app', namespace } });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ServiceAccount', name: 'app', uid: owner.metadata?.uid ?? '' }];
    const policy = {
      metadata: { name: 'p', namespace, ownerReferences },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    };
    await client.create(networkPolicies, policy);
    await client.delete(serviceAccounts, 'app', { namespace });
    await eventually('the policy to go', () => gone(client.get(networkPolicies, 'p', { namespace })));
  },
  'orphans stay': async ({ client, namespace }) => {
    const owner = await client.create(configMaps, { metadata: { name: 'owner', namespace } });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid ?? '' }];
    await client.create(configMaps, { metadata: { name: 'child', namespace, ownerReferences } });
    await client.delete(configMaps, 'owner', { namespace, propagation: 'Orphan' });
    await eventually('the owner to go', () => gone(client.get(configMaps, 'owner', { namespace })));
    const child = await client.get(configMaps, 'child', { namespace });
    assert.equal(child?.metadata?.ownerReferences, undefined);
    assert.ok(child);
  },
  'an owner that is deleted in the foreground goes last': async ({ client, namespace }) => {
    const owner = await client.create(configMaps, { metadata: { name: 'owner', namespace } });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid ?? '' };
    const ownerReferences = [{ ...reference, blockOwnerDeletion: true }];
    await client.create(configMaps, { metadata: { name: 'child', namespace, ownerReferences } });
    await client.delete(configMaps, 'owner', { namespace, propagation: 'Foreground' });
    await eventually(
      'both to go',
      async () =>
        (await gone(client.get(configMaps, 'owner', { namespace }))) &&
        gone(client.get(configMaps, 'child', { namespace })),
    );
  },
  'finalizers hold an object until they are taken out': async ({ client, namespace }) => {
    await client.create(configMaps, { metadata: { name: 'm', namespace, finalizers: ['example.org/wait'] } });
    await client.delete(configMaps, 'm', { namespace });
    assert.ok((await client.get(configMaps, 'm', { namespace }))?.metadata?.deletionTimestamp);
    await client.patch(configMaps, 'm', { metadata: { finalizers: null } }, { namespace, type: 'merge' });
    assert.equal(await client.get(configMaps, 'm', { namespace }), undefined);
  },
  'a namespace takes everything with it': async ({ client, namespace }) => {
    const name = `${namespace}-2`;
    await client.create(namespaces, { metadata: { name } });
    await client.create(configMaps, { metadata: { name: 'm', namespace: name } });
    await client.delete(namespaces, name);
    await eventually('the namespace to go', () => gone(client.get(namespaces, name)));
    assert.equal(await client.get(configMaps, 'm', { namespace: name }), undefined);
  },
  'a Service gets an address, and keeps it': async ({ client, namespace }) => {
    const made = await client.create(services, {
      metadata: { name: 's', namespace },
      spec: { ports: [{ port: 80 }], selector: { a: 'b' } },
    });
    assert.match(made.spec?.clusterIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.deepEqual(made.spec?.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    const merge = { namespace, type: 'merge' } as const;
    const moved = client.patch(
      services,
      's',
      { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] } } as never,
      merge,
    );
    assert.ok((await failureOf(moved)) instanceof Invalid);
  },
  'a headless Service has none': async ({ client, namespace }) => {
    const spec = { clusterIP: 'None', ports: [{ port: 80 }], selector: { a: 'b' } };
    assert.equal((await client.create(services, { metadata: { name: 's', namespace }, spec })).spec?.clusterIP, 'None');
  },
  'a pod gets defaults, tolerations and a token': async ({ client, namespace }) => {
    await eventually('the default ServiceAccount', () => client.get(serviceAccounts, 'default', { namespace }));
    const made = await client.create(pods, {
      metadata: { name: 'p', namespace },
      spec: { containers: [{ name: 'c', image: 'local/c' }] },
    });
    const [container] = made.spec?.containers ?? [];
    assert.equal(container?.imagePullPolicy, 'Always');
    assert.match(container?.volumeMounts?.[0]?.name ?? '', /^kube-api-access-/);
    assert.equal(made.spec?.tolerations?.length, 2);
    assert.deepEqual([made.status?.phase, made.metadata?.generation], ['Pending', 1]);
    await client.delete(pods, 'p', { namespace, gracePeriodSeconds: 0 });
  },
  'a pod cannot be rebuilt': async ({ client, namespace }) => {
    await eventually('the default ServiceAccount', () => client.get(serviceAccounts, 'default', { namespace }));
    await client.create(pods, {
      metadata: { name: 'p', namespace },
      spec: { containers: [{ name: 'c', image: 'local/c:1' }] },
    });
    const body = { spec: { containers: [{ name: 'x', image: 'local/x:1' }] } } as never;
    const error = await failureOf(client.patch(pods, 'p', body, { namespace, type: 'strategic' }));
    assert.ok(error instanceof Invalid);
    await client.delete(pods, 'p', { namespace, gracePeriodSeconds: 0 });
  },
  'a secret can be written as text': async ({ client, namespace }) => {
    const made = await client.create(secrets, { metadata: { name: 's', namespace }, stringData: { a: 'text' } });
    assert.deepEqual([made.data, made.stringData, made.type], [{ a: 'dGV4dA==' }, undefined, 'Opaque']);
  },
  'token secrets are filled': async ({ client, namespace }) => {
    await client.create(serviceAccounts, { metadata: { name: 'app', namespace } });
    const annotations = { 'kubernetes.io/service-account.name': 'app' };
    await client.create(secrets, {
      metadata: { name: 't', namespace, annotations },
      type: 'kubernetes.io/service-account-token',
    });
    await eventually('the token', async () => (await client.get(secrets, 't', { namespace }))?.data?.token);
  },
  'a definition makes a kind, which takes merge patches and no strategic ones': async ({ client, namespace }) => {
    const group = `${namespace}.example.org`;
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const versions = [{ name: 'v1', served: true, storage: true, schema }];
    const definition = {
      metadata: { name: `widgets.${group}` },
      spec: { group, scope: 'Namespaced' as const, names, versions },
    };
    await client.create(customResourceDefinitions, definition);
    const widgets: Resource = { group, version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };
    const object = {
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: { name: 'w', namespace },
      spec: { size: 1, list: [1] },
    };
    const made = await eventually('the kind', () => client.create(widgets, object).catch(() => undefined));
    assert.equal(made.metadata?.generation, 1);
    const body = { spec: { size: 2 } } as never;
    const merged = await client.patch(widgets, 'w', body, { namespace, type: 'merge' });
    assert.deepEqual([merged.metadata?.generation, (merged as typeof object).spec], [2, { size: 2, list: [1] }]);
    const error = await failureOf(client.patch(widgets, 'w', body, { namespace, type: 'strategic' }));
    assert.deepEqual([error.code, error.reason], [415, 'UnsupportedMediaType']);
    await client.delete(customResourceDefinitions, `widgets.${group}`);
  },
});
