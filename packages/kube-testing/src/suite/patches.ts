/** @module Behaviours: the patches that change StatefulSets. */
import assert from 'node:assert/strict';
import { Conflict, configMaps, Invalid, NotFound, networkPolicies, statefulSets } from '@vpn-k8s/kube';
import { type Behaviour, failureOf, rows, type Scene, statefulSet } from './behaviour.ts';
import type { StatefulSet } from './kube.ts';

const names = (list: readonly { name: string }[] | undefined) => (list ?? []).map(({ name }) => name).join();
const specOf = (object: StatefulSet) => object.spec?.template.spec;
const make = ({ client, namespace }: Scene) => client.create(statefulSets, statefulSet('app', namespace));
const strategic = (scene: Scene) => ({ namespace: scene.namespace, type: 'strategic' }) as const;
const inPod = (spec: object) => ({ spec: { template: { spec } } }) as never;

/** All types of patches, and what validation says to them. */
export const patches: readonly Behaviour[] = rows('patch', {
  'a strategic patch prepends, and $setElementOrder and $patch: delete work together': async (scene) => {
    await make(scene);
    const order = [{ name: 'side' }, { name: 'charm-init' }];
    const side = { name: 'side', image: 'local/side:1', restartPolicy: 'Always' };
    const body = {
      '$setElementOrder/initContainers': order,
      initContainers: [side, { name: 'old-init', $patch: 'delete' }],
    };
    const more = {
      containers: [
        { name: 'vpn', image: 'local/vpn:1' },
        { name: 'charm', env: [{ name: 'C', value: '3' }] },
      ],
    };
    const spec = specOf(await scene.client.patch(statefulSets, 'app', inPod({ ...body, ...more }), strategic(scene)));
    assert.equal(names(spec?.initContainers), 'side,charm-init');
    assert.equal(names(spec?.containers), 'vpn,charm,web');
    assert.equal(names(spec?.containers[1]?.env), 'C,A,B');
  },
  'a patch without effect leaves generation and resourceVersion': async (scene) => {
    const made = await make(scene);
    const same = inPod({ containers: [{ name: 'charm', image: 'local/charm:1', terminationMessagePolicy: 'File' }] });
    const after = await scene.client.patch(statefulSets, 'app', same, strategic(scene));
    assert.equal(after.metadata?.generation, made.metadata?.generation);
    assert.equal(after.metadata?.resourceVersion, made.metadata?.resourceVersion);
  },
  'the generation counts changes of the spec only': async (scene) => {
    await make(scene);
    const labelled = await scene.client.patch(
      statefulSets,
      'app',
      { metadata: { labels: { a: 'b' } } },
      strategic(scene),
    );
    assert.equal(labelled.metadata?.generation, 1);
    const scaled = await scene.client.patch(
      statefulSets,
      'app',
      { spec: { revisionHistoryLimit: 3 } } as never,
      strategic(scene),
    );
    assert.equal(scaled.metadata?.generation, 2);
  },
  'a merge patch replaces lists': async (scene) => {
    await make(scene);
    const body = inPod({ containers: [{ name: 'only', image: 'local/only:1' }] });
    const after = await scene.client.patch(statefulSets, 'app', body, { ...strategic(scene), type: 'merge' });
    assert.equal(names(specOf(after)?.containers), 'only');
  },
  'a JSON patch puts an init container first': async (scene) => {
    await make(scene);
    const value = { name: 'first', image: 'local/first:1' };
    const operations = [{ op: 'add', path: '/spec/template/spec/initContainers/0', value }] as const;
    const after = await scene.client.patch(statefulSets, 'app', operations, { ...strategic(scene), type: 'json' });
    assert.equal(names(specOf(after)?.initContainers), 'first,charm-init,old-init');
  },
  'a failed JSON patch test changes nothing': async (scene) => {
    await make(scene);
    const operations = [
      { op: 'replace', path: '/metadata/labels', value: { a: 'b' } },
      { op: 'test', path: '/spec/replicas', value: 7 },
    ] as const;
    const error = await failureOf(
      scene.client.patch(statefulSets, 'app', operations, { ...strategic(scene), type: 'json' }),
    );
    assert.equal(error.code, 422);
    assert.equal((await scene.client.get(statefulSets, 'app', scene))?.metadata?.labels, undefined);
  },
  'immutable fields of a StatefulSet are refused with the field': async (scene) => {
    await make(scene);
    const error = await failureOf(
      scene.client.patch(statefulSets, 'app', { spec: { serviceName: 'x' } } as never, strategic(scene)),
    );
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.fields, ['spec']);
    assert.match(
      error.message,
      /^StatefulSet\.apps "app" is invalid: spec: Forbidden: updates to statefulset spec for fields other than/,
    );
  },
  'a patch with an unknown field is refused with its path': async (scene) => {
    await make(scene);
    const error = await failureOf(scene.client.patch(statefulSets, 'app', inPod({ nope: 1 }), strategic(scene)));
    assert.ok(error instanceof Invalid, error.message);
    assert.deepEqual([error.code, error.fields], [422, ['spec.template.spec.nope']]);
  },
  'a mount of a volume that is not there is refused with its path': async (scene) => {
    await make(scene);
    const mount = inPod({ containers: [{ name: 'web', volumeMounts: [{ name: 'gone', mountPath: '/x' }] }] });
    const error = await failureOf(scene.client.patch(statefulSets, 'app', mount, strategic(scene)));
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.fields, ['spec.template.spec.containers[1].volumeMounts[0].name']);
    assert.match(error.message, /Not found: "gone"$/);
  },
  'a stale resourceVersion is a conflict': async (scene) => {
    await make(scene);
    const body = { metadata: { resourceVersion: '1', labels: { a: 'b' } } };
    const error = await failureOf(scene.client.patch(statefulSets, 'app', body, strategic(scene)));
    assert.ok(error instanceof Conflict);
    assert.match(
      error.message,
      /^Operation cannot be fulfilled on statefulsets\.apps "app": the object has been modified; please apply/,
    );
    assert.deepEqual(error.managers, []);
  },
  'a patch of what is not there is not found': async (scene) => {
    const error = await failureOf(scene.client.patch(configMaps, 'gone', { data: { a: 'b' } }, strategic(scene)));
    assert.ok(error instanceof NotFound);
    assert.equal(error.message, 'configmaps "gone" not found');
  },
  'a dry run answers the result and stores nothing': async (scene) => {
    await make(scene);
    const body = { metadata: { labels: { a: 'b' } } };
    const after = await scene.client.patch(statefulSets, 'app', body, { ...strategic(scene), dryRun: true });
    assert.deepEqual(after.metadata?.labels, { a: 'b' });
    assert.equal((await scene.client.get(statefulSets, 'app', scene))?.metadata?.labels, undefined);
  },
  'un-patching leaves the spec as it was': async (scene) => {
    const before = await make(scene);
    const hash = { metadata: { annotations: { hash: '1' } } };
    const volumes = [{ name: 'cfg', configMap: { name: 'c', optional: true } }];
    const sidecar = { name: 'vpn', image: 'local/vpn:1', volumeMounts: [{ name: 'cfg', mountPath: '/config' }] };
    const drop = { name: 'web', securityContext: { capabilities: { drop: ['NET_RAW'] } } };
    const put = { spec: { template: { ...hash, spec: { volumes, containers: [sidecar, drop] } } } } as never;
    await scene.client.patch(statefulSets, 'app', put, strategic(scene));
    const gone = (name: string) => ({ name, $patch: 'delete' });
    const undo = {
      metadata: { annotations: null },
      spec: { volumes: [gone('cfg')], containers: [gone('vpn'), { name: 'web', securityContext: null }] },
    };
    const after = await scene.client.patch(
      statefulSets,
      'app',
      { spec: { template: undo } } as never,
      strategic(scene),
    );
    assert.deepEqual(after.spec, before.spec);
  },
  'quantities are stored in their canonical form': async (scene) => {
    await make(scene);
    const body = inPod({ containers: [{ name: 'web', resources: { limits: { memory: '1024Mi', cpu: '0.5' } } }] });
    const after = await scene.client.patch(statefulSets, 'app', body, strategic(scene));
    assert.deepEqual(specOf(after)?.containers[1]?.resources?.limits, { cpu: '500m', memory: '1Gi' });
  },
  'empty values are left out': async (scene) => {
    await make(scene);
    const body = inPod({
      containers: [{ name: 'web', env: [{ name: 'EMPTY', value: '' }], args: [], tty: false, workingDir: '' }],
    });
    const web = specOf(await scene.client.patch(statefulSets, 'app', body, strategic(scene)))?.containers[1];
    assert.deepEqual(
      [web?.env, web?.args, web?.tty, web?.workingDir],
      [[{ name: 'EMPTY' }], undefined, undefined, undefined],
    );
  },
  'a policy with a wrong block is refused with its path': async ({ client, namespace }) => {
    const egress = [{ to: [{ ipBlock: { cidr: '10.1.0.0' } }] }];
    const error = await failureOf(
      client.create(networkPolicies, { metadata: { name: 'p', namespace }, spec: { podSelector: {}, egress } }),
    );
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.fields, ['spec.egress[0].to[0].ipBlock.cidr']);
  },
});
