/** @module Defaults: what Juju sends must come out as a real server stored it. */
import { readFileSync } from 'node:fs';
import {
  type KubeObject,
  namespaces,
  pods,
  roleBindings,
  roles,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApiServer } from '../api-server.ts';
import { clone, isObject, type Json } from '../store/clone.ts';

const stored = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/juju/${name}.json`, import.meta.url), 'utf8')) as Json;

/** Values that the real server filled in; taken out they are what Juju may have sent. */
const defaults: Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  clusterIPs: undefined,
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  failureThreshold: 3,
  imagePullPolicy: 'IfNotPresent',
  internalTrafficPolicy: 'Cluster',
  ipFamilies: undefined,
  ipFamilyPolicy: 'SingleStack',
  partition: 0,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
  restartPolicy: 'Always',
  revisionHistoryLimit: 10,
  schedulerName: 'default-scheduler',
  scheme: 'HTTP',
  serviceAccount: 'alpha',
  sessionAffinity: 'None',
  successThreshold: 1,
  terminationGracePeriodSeconds: 30,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  timeoutSeconds: 1,
  volumeMode: 'Filesystem',
  whenDeleted: 'Retain',
  whenScaled: 'Retain',
};

function asSent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSent);
  if (!isObject(value)) return value;
  const said = Object.entries(value).filter(
    ([key, each]) => !(key in defaults) || (defaults[key] !== undefined && defaults[key] !== each),
  );
  return Object.fromEntries(said.map(([key, each]) => [key, asSent(each)]));
}

let api: ApiServer;
let namespace = 0;
beforeAll(async () => {
  api = await ApiServer.start();
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.client().create(namespaces, { metadata: { name: `n-${++namespace}` } });
});

/** What the server makes of an object that was taken down to what was sent, in a fresh namespace. */
async function sent(
  resource: Parameters<ReturnType<ApiServer['client']>['create']>[0],
  object: Json,
  change: Json = {},
): Promise<Json> {
  const { uid, resourceVersion, creationTimestamp, generation, ownerReferences, ...metadata } = clone(
    object.metadata,
  ) as Json;
  const { status, ...rest } = { ...(asSent(clone(object)) as Json), ...change };
  const kind = { apiVersion: object.apiVersion, kind: object.kind };
  const body = { ...rest, ...kind, metadata: { ...metadata, namespace: `n-${namespace}` } } as KubeObject;
  return (await api.client().create(resource, body)) as unknown as Json;
}

test.each([
  { name: 'full-trust--statefulset--alpha', resource: statefulSets },
  { name: 'full-trust--service--alpha', resource: services },
  { name: 'full-trust--service--alpha-endpoints', resource: services },
])('$name', async ({ name, resource }) => {
  const object = stored(name);
  const made = await sent(resource as typeof statefulSets, object);
  expect(made.spec).toEqual(object.spec);
});

test.each([
  { name: 'full-notrust--role--beta', resource: roles, part: 'rules' },
  { name: 'full-notrust--rolebinding--beta', resource: roleBindings, part: 'roleRef' },
  { name: 'full-notrust--rolebinding--beta', resource: roleBindings, part: 'subjects' },
])('$name $part', async ({ name, resource, part }) => {
  const object = stored(name);
  expect((await sent(resource as typeof roles, object))[part]).toEqual(object[part]);
});

test('a pod made from the template is the pod that the real server made', async () => {
  await api.client().create(serviceAccounts, { metadata: { name: 'alpha', namespace: `n-${namespace}` } });
  const [pod] = stored('full-trust--pods').items as Json[];
  const spec = asSent(pod?.spec) as Json;
  const isToken = (each: unknown) => isObject(each) && String(each.name).startsWith('kube-api-access-');
  const withoutToken = JSON.parse(JSON.stringify(spec), (_key, value) =>
    Array.isArray(value) ? value.filter((each) => !isToken(each)) : value,
  ) as Json;
  const made = await sent(pods as never, pod as Json, {
    spec: { ...withoutToken, tolerations: undefined, nodeName: undefined },
  });
  const masked = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(/kube-api-access-\w+/g, 'token'));
  expect(masked(made.spec)).toEqual(masked({ ...(pod?.spec as Json), nodeName: undefined }));
});
