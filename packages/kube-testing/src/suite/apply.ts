/** @module Behaviours: server-side apply, and who owns what. */
import assert from 'node:assert/strict';
import { Conflict, configMaps, Invalid, networkPolicies, statefulSets } from '@vpn-k8s/kube';
import { type Behaviour, failureOf, rows, type Scene, statefulSet } from './behaviour.ts';

const map = ({ namespace }: Scene, data: Record<string, string>) => ({ metadata: { name: 'm', namespace }, data });
const by = (fieldManager: string, force = false) => ({ fieldManager, ...(force && { force }) });
const managersOf = (object: { metadata?: { managedFields?: { manager?: string; operation?: string }[] } }) =>
  (object.metadata?.managedFields ?? []).map(({ manager, operation }) => `${manager}:${operation}`).sort();

/** Ownership, conflicts, force, removal. */
export const applies: readonly Behaviour[] = rows('apply', {
  'creates, and does nothing the second time': async (scene) => {
    const first = await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    const second = await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    assert.equal(second.metadata?.resourceVersion, first.metadata?.resourceVersion);
    assert.deepEqual(managersOf(second), ['one:Apply']);
  },
  'a field that is no longer applied goes': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1', b: '2' }), by('one'));
    const after = await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    assert.deepEqual(after.data, { a: '1' });
  },
  'a field that another manager owns too stays': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1', b: '2' }), by('one'));
    await scene.client.apply(configMaps, map(scene, { b: '2' }), by('two'));
    const after = await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    assert.deepEqual(after.data, { a: '1', b: '2' });
  },
  'a field of another manager is a conflict that names it': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    const error = await failureOf(scene.client.apply(configMaps, map(scene, { a: '2' }), by('two')));
    assert.ok(error instanceof Conflict);
    assert.deepEqual(error.managers, ['one']);
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "one": .data.a');
  },
  'several conflicts are listed': async (scene) => {
    await scene.client.create(configMaps, map(scene, { a: '1', b: '2' }), { fieldManager: 'maker' });
    const error = await failureOf(scene.client.apply(configMaps, map(scene, { a: 'x', b: 'y' }), by('two')));
    assert.equal(
      error.message,
      'Apply failed with 2 conflicts: conflicts with "maker" using v1:\n- .data.a\n- .data.b',
    );
  },
  'force takes the field over': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1', b: '1' }), by('one'));
    const after = await scene.client.apply(configMaps, map(scene, { a: '2' }), by('two', true));
    assert.deepEqual(after.data, { a: '2', b: '1' });
    const back = await failureOf(scene.client.apply(configMaps, map(scene, { a: '3', b: '1' }), by('one')));
    assert.deepEqual((back as Conflict).managers, ['two']);
  },
  'the same value is no conflict, and both own it': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    const after = await scene.client.apply(configMaps, map(scene, { a: '1' }), by('two'));
    assert.deepEqual(managersOf(after), ['one:Apply', 'two:Apply']);
  },
  'an update takes the field from the one who applied it': async (scene) => {
    await scene.client.apply(configMaps, map(scene, { a: '1' }), by('one'));
    const merge = { namespace: scene.namespace, type: 'merge', fieldManager: 'editor' } as const;
    const after = await scene.client.patch(configMaps, 'm', { data: { a: '2' } }, merge);
    assert.deepEqual(managersOf(after), ['editor:Update']);
  },
  'new items of keyed lists go to the end': async (scene) => {
    await scene.client.create(statefulSets, statefulSet('app', scene.namespace));
    const template = { spec: { initContainers: [{ name: 'vpn', image: 'local/vpn:1' }], containers: [] } };
    const metadata = { name: 'app', namespace: scene.namespace };
    const after = await scene.client.apply(statefulSets, { metadata, spec: { template } } as never, by('vpn'));
    assert.deepEqual(
      after.spec?.template.spec?.initContainers?.map(({ name }) => name),
      ['charm-init', 'old-init', 'vpn'],
    );
    const gone = await scene.client.apply(statefulSets, { metadata } as never, by('vpn'));
    assert.deepEqual(
      gone.spec?.template.spec?.initContainers?.map(({ name }) => name),
      ['charm-init', 'old-init'],
    );
    assert.ok(!managersOf(gone).some((manager) => manager.startsWith('vpn:')));
  },
  'atomic lists are replaced and owned whole': async ({ client, namespace }) => {
    const policy = (cidr: string) => ({
      metadata: { name: 'p', namespace },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr } }] }] },
    });
    await client.apply(networkPolicies, policy('10.1.0.0/16'), by('one'));
    const error = await failureOf(client.apply(networkPolicies, policy('10.2.0.0/16'), by('two')));
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "one": .spec.egress');
  },
  'ownership is written as fieldsV1': async (scene) => {
    const object = {
      ...map(scene, { a: '1' }),
      metadata: { name: 'm', namespace: scene.namespace, labels: { x: 'y' } },
    };
    const after = await scene.client.apply(configMaps, object, by('one'));
    const [entry] = after.metadata?.managedFields ?? [];
    assert.deepEqual(entry?.fieldsV1, { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } });
  },
  'items of keyed lists are owned by their key': async (scene) => {
    const after = await scene.client.apply(statefulSets, statefulSet('app', scene.namespace), by('one'));
    const [entry] = after.metadata?.managedFields ?? [];
    let fields = (entry?.fieldsV1 ?? {}) as Record<string, never>;
    for (const step of ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"web"}'])
      fields = fields[step] ?? {};
    assert.deepEqual(fields, { '.': {}, 'f:image': {}, 'f:name': {} });
  },
  'an unknown field is refused with its path': async (scene) => {
    const error = await failureOf(scene.client.apply(configMaps, { ...map(scene, {}), nope: 1 } as never, by('one')));
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.fields, ['nope']);
    assert.match(error.message, /: \.nope: field not declared in schema$/);
  },
});
