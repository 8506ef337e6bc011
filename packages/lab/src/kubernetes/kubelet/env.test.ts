/** @module Environment, names, resolver and volume files of a pod. */

import type { ConfigMap, Container, Pod, Secret, Service } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { containerEnv } from './env.ts';
import { hostsFile, resolvConf } from './etc-files.ts';
import { expand, podField } from './field.ts';
import { volumeFiles } from './volume-files.ts';

const place = { podIp: '10.1.0.7', hostIp: '192.168.1.10' };
const pod: Pod = {
  metadata: { name: 'alpha-0', namespace: 'vpn', uid: 'u1', labels: { app: 'alpha', tier: 'x"y' } },
  spec: { containers: [], nodeName: 'node1', serviceAccountName: 'alpha', subdomain: 'alpha-endpoints' },
};
const service = (name: string, namespace: string, clusterIP: string, portName?: string): Service => ({
  metadata: { name, namespace },
  spec: { clusterIP, ports: [{ port: 443, ...(portName && { name: portName }) }] },
});
const objects: Record<string, ConfigMap & Secret> = {
  map: { data: { KEY: 'one', OTHER: 'two' } },
  secret: { data: { PASSWORD: Buffer.from('a b').toString('base64') } },
};
const referred = {
  configMap: (name: string) => (name === 'map' ? objects.map : undefined),
  secret: (name: string) => (name === 'secret' ? objects.secret : undefined),
  services: [service('kubernetes', 'default', '10.152.183.1', 'https'), service('alpha-web', 'vpn', '10.152.183.9')],
};

const value = (name: string, valueFrom: object) => [{ name, valueFrom }];

test.each([
  {
    name: 'text with references',
    container: {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)-$(NO)-$$(A)' },
      ],
    },
    env: { B: '1-$(NO)-$(A)' },
  },
  {
    name: 'field',
    container: { env: value('N', { fieldRef: { fieldPath: 'metadata.name' } }) },
    env: { N: 'alpha-0' },
  },
  {
    name: 'key of a ConfigMap',
    container: { env: value('N', { configMapKeyRef: { name: 'map', key: 'KEY' } }) },
    env: { N: 'one' },
  },
  {
    name: 'key of a Secret',
    container: { env: value('N', { secretKeyRef: { name: 'secret', key: 'PASSWORD' } }) },
    env: { N: 'a b' },
  },
  {
    name: 'all keys with a prefix',
    container: { envFrom: [{ prefix: 'P_', configMapRef: { name: 'map' } }] },
    env: { P_KEY: 'one', P_OTHER: 'two' },
  },
  {
    name: 'own value over envFrom',
    container: { envFrom: [{ configMapRef: { name: 'map' } }], env: [{ name: 'KEY', value: 'mine' }] },
    env: { KEY: 'mine' },
  },
  {
    name: 'optional and missing',
    container: { envFrom: [{ secretRef: { name: 'no', optional: true } }] },
    env: { HOSTNAME: 'alpha-0' },
  },
  {
    name: 'Services',
    container: {},
    env: {
      KUBERNETES_SERVICE_HOST: '10.152.183.1',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
      ALPHA_WEB_PORT_443_TCP: 'tcp://10.152.183.9:443',
    },
  },
  { name: 'image', container: {}, env: { PATH: '/bin' } },
])('environment: $name', ({ container, env }) => {
  expect(containerEnv(pod, { name: 'c', ...container } as Container, { PATH: '/bin' }, referred, place)).toMatchObject(
    env,
  );
});

test.each([
  { name: 'Secret', container: { envFrom: [{ secretRef: { name: 'no' } }] }, why: 'secret "no" not found' },
  { name: 'ConfigMap', container: { envFrom: [{ configMapRef: { name: 'no' } }] }, why: 'configmap "no" not found' },
  {
    name: 'key',
    container: { env: value('N', { secretKeyRef: { name: 'secret', key: 'no' } }) },
    why: "couldn't find key no in Secret vpn/secret",
  },
  {
    name: 'kind',
    container: { env: value('N', { resourceFieldRef: { resource: 'limits.cpu' } }) },
    why: 'does not resolve resourceFieldRef',
  },
])('environment refused: $name', ({ container, why }) => {
  expect(() => containerEnv(pod, { name: 'c', ...container } as Container, {}, referred, place)).toThrow(why);
});

test('without service links only the API server is told', () => {
  const alone = { ...pod, spec: { ...pod.spec, enableServiceLinks: false } } as Pod;
  const env = containerEnv(alone, { name: 'c' }, {}, referred, place);
  expect(Object.keys(env).filter((key) => key.endsWith('_SERVICE_HOST'))).toEqual(['KUBERNETES_SERVICE_HOST']);
});

test.each([
  ['metadata.uid', 'u1'],
  ['metadata.namespace', 'vpn'],
  ["metadata.labels['app']", 'alpha'],
  ['metadata.labels', 'app="alpha"\ntier="x\\"y"'],
  ['spec.nodeName', 'node1'],
  ['status.podIP', '10.1.0.7'],
  ['status.hostIP', '192.168.1.10'],
])('field %s', (path, text) => expect(podField(pod, path, place)).toBe(text));

test('an unknown field is refused; an unknown variable stays', () => {
  expect(() => podField(pod, 'spec.nope', place)).toThrow('unsupported fieldPath: spec.nope');
  expect(expand('$(A) $(B) $C', { A: 'x', C: 'y' })).toBe('x $(B) $C');
});

const naming = {
  clusterDns: '10.152.183.10',
  clusterDomain: 'cluster.local',
  nodeResolvConf: 'nameserver 9.9.9.9\nsearch lan\n',
};

test.each([
  {
    name: 'ClusterFirst',
    spec: {},
    text: 'search vpn.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.152.183.10\noptions ndots:5\n',
  },
  { name: 'Default', spec: { dnsPolicy: 'Default' }, text: 'search lan\nnameserver 9.9.9.9\n' },
  { name: 'None', spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, text: 'nameserver 1.1.1.1\n' },
  {
    name: 'dnsConfig over ClusterFirst',
    spec: { dnsConfig: { options: [{ name: 'ndots', value: '2' }, { name: 'rotate' }], searches: ['lan'] } },
    text: 'search vpn.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.152.183.10\noptions ndots:2 rotate\n',
  },
])('resolv.conf: $name', ({ spec, text }) => {
  expect(resolvConf({ ...pod, spec: { ...pod.spec, ...spec } } as Pod, naming)).toBe(text);
});

test('hosts has the full name and the aliases', () => {
  const aliased = { ...pod, spec: { ...pod.spec, hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] } } as Pod;
  const lines = hostsFile(aliased, '10.1.0.7', naming).split('\n');
  expect(lines).toContain('10.1.0.7\talpha-0.alpha-endpoints.vpn.svc.cluster.local\talpha-0');
  expect(lines).toContain('1.2.3.4\ta\tb');
});

const sources = { ...referred, ...place, token: () => 'T' };
const texts = (volume: object) => {
  const files = volumeFiles({ name: 'v', ...volume }, pod, sources);
  return (
    files && Object.fromEntries([...files].map(([path, { content, mode }]) => [path, `${content} ${mode.toString(8)}`]))
  );
};

test.each([
  { name: 'configMap', volume: { configMap: { name: 'map' } }, files: { KEY: 'one 644', OTHER: 'two 644' } },
  {
    name: 'items',
    volume: { configMap: { name: 'map', defaultMode: 0o555, items: [{ key: 'KEY', path: 'a/b' }] } },
    files: { 'a/b': 'one 555' },
  },
  { name: 'optional', volume: { configMap: { name: 'no', optional: true } }, files: {} },
  { name: 'secret', volume: { secret: { secretName: 'secret', defaultMode: 0o400 } }, files: { PASSWORD: 'a b 400' } },
  {
    name: 'downwardAPI',
    volume: { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
    files: { n: 'alpha-0 644' },
  },
  {
    name: 'projected',
    volume: {
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token' } },
          { configMap: { name: 'map', items: [{ key: 'KEY', path: 'ca' }] } },
        ],
      },
    },
    files: { token: 'T 644', ca: 'one 644' },
  },
  { name: 'emptyDir is none of these', volume: { emptyDir: {} }, files: undefined },
])('files of a volume: $name', ({ volume, files }) => expect(texts(volume)).toEqual(files));

test.each([
  { volume: { configMap: { name: 'no' } }, why: 'configmap "no" not found' },
  {
    volume: { secret: { secretName: 'secret', items: [{ key: 'no', path: 'x' }] } },
    why: 'references non-existent secret key: no',
  },
])('a volume that cannot be filled: $why', ({ volume, why }) => expect(() => texts(volume)).toThrow(why));
