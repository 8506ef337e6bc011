import { readFileSync } from 'node:fs';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CLIENT } from '../names.ts';
import { podGateway } from '../routing/pod-gateway.ts';
import { dropsBefore, withNetwork, withoutNetwork } from './containers.ts';
import { difference, same } from './difference.ts';
import { openPorts } from './ports.ts';
import { type Additions, additionsPatch, hasOurs, removalPatch } from './template.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));
const alpha = (): StatefulSet => fixture('juju/statefulset-alpha') as StatefulSet;
const python = (version: string): StatefulSet => {
  const objects = fixture(`charmarr/k8s-${version}-client-plain-1-first-relate`) as Record<string, StatefulSet>;
  return Object.values(objects).find(({ kind }) => kind === 'StatefulSet') as StatefulSet;
};

function additions(live: StatefulSet, workload: string, hash = '0a1b2c3d'): Additions {
  const { volume, ...containers } = podGateway.clientPod(
    'ghcr.io/angelnu/pod-gateway:v1.13.0',
    'alpha-gateway-client-config',
  );
  const others = (live.spec?.template.spec?.containers ?? []).filter(({ name }) => name === workload);
  return {
    ...containers,
    names: CLIENT,
    hash,
    volumes: [volume],
    others: others.map((container) => withoutNetwork(container, false)),
    defaultContainer: workload,
  };
}

/** What the server makes of the patch, for the parts that this test looks at: a merge by name, new items first. */
function patched(live: StatefulSet, add: Additions): StatefulSet {
  const copy = structuredClone(live);
  const spec = copy.spec?.template.spec as NonNullable<NonNullable<StatefulSet['spec']>['template']['spec']>;
  copy.spec!.template.metadata!.annotations![CLIENT.hash] = add.hash;
  copy.spec!.template.metadata!.annotations!['kubectl.kubernetes.io/default-container'] =
    add.defaultContainer as string;
  spec.initContainers = [add.init, ...(spec.initContainers ?? [])];
  spec.containers = [...spec.containers, add.sidecar];
  spec.volumes = [...add.volumes, ...(spec.volumes ?? [])];
  const web = spec.containers.find(({ name }) => name === add.defaultContainer);
  web!.securityContext = { ...web!.securityContext, capabilities: { drop: ['NET_ADMIN', 'NET_RAW'] } };
  return copy;
}

/** Fields as the server fills them in. */
function defaulted(live: StatefulSet): StatefulSet {
  const copy = structuredClone(live);
  const spec = copy.spec!.template.spec!;
  for (const container of [...spec.initContainers!, ...spec.containers]) {
    Object.assign(container, {
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
      resources: {},
    });
  }
  for (const volume of spec.volumes!) if (volume.configMap) volume.configMap.defaultMode = 420;
  return copy;
}

describe('the patch of a client', () => {
  test("puts init, sidecar, volume and annotations into Juju's own StatefulSet", async () => {
    const live = alpha();
    await expect(stringify(additionsPatch(live, additions(live, 'web')))).toMatchFileSnapshot(
      'golden/client-patch.yaml',
    );
  });
  test('is nothing when the server holds it all, with its defaults', () => {
    const live = alpha();
    const add = additions(live, 'web');
    expect(additionsPatch(defaulted(patched(live, add)), add)).toBeUndefined();
  });
  test('is only the hash when only that differs', () => {
    const live = alpha();
    const later = patched(live, additions(live, 'web'));
    expect(additionsPatch(later, additions(later, 'web', 'ffffffff'))).toEqual({
      spec: { template: { metadata: { annotations: { [CLIENT.hash]: 'ffffffff' } } } },
    });
  });
  test('moves our init to the front when somebody stands before it', () => {
    const live = alpha();
    const add = additions(live, 'web');
    const later = patched(live, add);
    const spec = later.spec!.template.spec!;
    spec.initContainers = [{ name: 'theirs' }, ...spec.initContainers!];
    expect(additionsPatch(later, add)).toEqual({
      spec: {
        template: {
          spec: {
            '$setElementOrder/initContainers': [{ name: 'vpn-route-init' }, { name: 'theirs' }, { name: 'charm-init' }],
          },
        },
      },
    });
  });
  test.each(['0.5.0', '0.6.4'])('takes over what charmarr-lib-vpn %s made', async (version) => {
    const live = python(version);
    const patch = stringify(additionsPatch(live, additions(live, 'qbittorrent')));
    await expect(patch).toMatchFileSnapshot(`golden/takeover-${version}.yaml`);
  });
});

describe('the way back', () => {
  test('takes out what was put in', async () => {
    const live = alpha();
    const later = patched(live, additions(live, 'web'));
    const web = later.spec!.template.spec!.containers.find(({ name }) => name === 'web')!;
    const patch = removalPatch(later, CLIENT, [withNetwork(web)]);
    await expect(stringify(patch)).toMatchFileSnapshot('golden/client-unpatch.yaml');
  });
  test("is nothing for Juju's own StatefulSet", () => {
    expect(removalPatch(alpha(), CLIENT, [{ name: 'web' }])).toBeUndefined();
    expect(hasOurs(alpha().spec?.template.spec, CLIENT)).toBe(false);
  });
});

test.each([
  ['nothing before', undefined, { capabilities: { drop: ['NET_ADMIN', 'NET_RAW'] } }, null],
  ['a user', { runAsUser: 0 }, { capabilities: { drop: ['NET_ADMIN', 'NET_RAW'] } }, { capabilities: null }],
  [
    'another drop',
    { capabilities: { drop: ['SYS_TIME'] } },
    { capabilities: { drop: ['NET_ADMIN', 'NET_RAW', 'SYS_TIME'] } },
    { capabilities: { drop: ['SYS_TIME'] } },
  ],
  [
    'an added one',
    { capabilities: { add: ['CHOWN'] } },
    { capabilities: { drop: ['NET_ADMIN', 'NET_RAW'] } },
    { capabilities: { drop: null } },
  ],
])('network capabilities go and come back: %s', (_, before, there, back) => {
  const live = { name: 'web', ...(before ? { securityContext: before } : {}) };
  expect(withoutNetwork(live, false)).toEqual({ name: 'web', securityContext: there });
  const capabilities = { ...(before as { capabilities?: object })?.capabilities, ...there.capabilities };
  expect(withNetwork({ name: 'web', securityContext: { ...before, capabilities } }, dropsBefore(live))).toEqual({
    name: 'web',
    securityContext: back,
  });
});

test('an image that drops ALL already is left alone', () =>
  expect(withoutNetwork({ name: 'web', securityContext: { capabilities: { drop: ['ALL'] } } }, false)).toEqual({
    name: 'web',
  }));

test.each([
  ['equal', { a: 1 }, { a: 1 }, undefined],
  ['other', { a: 1, b: 2 }, { a: 2 }, { a: 2 }],
  ['null of what is not there', {}, { a: null }, undefined],
  ['null of what is there', { a: 1 }, { a: null }, { a: null }],
  ['a list of values is one value', { command: ['a'] }, { command: ['a', 'b'] }, { command: ['a', 'b'] }],
  [
    'an item of a keyed list',
    { env: [{ name: 'A', value: '1' }] },
    { env: [{ name: 'B', value: '2' }] },
    { env: [{ name: 'B', value: '2' }] },
  ],
  [
    'a change in a keyed list',
    { env: [{ name: 'A', value: '1', x: 1 }] },
    { env: [{ name: 'A', value: '2' }] },
    { env: [{ name: 'A', value: '2' }] },
  ],
  ['a deletion of what is not there', { env: [] }, { env: [{ $patch: 'delete', name: 'A' }] }, undefined],
])('difference: %s', (_, live, wanted, change) => expect(difference(live, wanted)).toEqual(change));

test('equality does not see the order of keys, but that of lists', () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

test('open ports are those that the kubelet probes and those of the charm', () =>
  expect(openPorts(alpha(), [8080, 38813])).toEqual([8080, 38812, 38813]));
