/** @module The cluster's DNS: messages, names, and a cache that behaves as CoreDNS' does. */

import { describe, expect, test } from 'vitest';
import { ClusterResolver } from './coredns.ts';
import { readQuestion, writeAnswer } from './message.ts';
import { clusterZone, lookup } from './zone.ts';

/** `dig +noedns a.b A` with id 0x1234. */
const query = Buffer.from('123401000001000000000000016101620000010001', 'hex');

describe('messages', () => {
  test('reads the question', () => {
    expect(readQuestion(query)).toMatchObject({ id: 0x1234, name: 'a.b', type: 1, recursionDesired: true });
  });

  test.each([
    {
      name: 'an address',
      code: 'NOERROR',
      addresses: ['10.1.0.2'],
      hex: '1234858000010001000000000161016200000100' + '01c00c00010001000000050004' + '0a010002',
    },
    { name: 'no such name', code: 'NXDOMAIN', addresses: [], hex: '123485830001000000000000016101620000010001' },
  ] as const)('writes $name', ({ code, addresses, hex }) => {
    expect(writeAnswer(readQuestion(query), { code, addresses, ttl: 5 }).toString('hex')).toBe(hex);
  });

  test('a message that is cut short is refused', () => {
    expect(() => readQuestion(query.subarray(0, 14))).toThrow(RangeError);
  });
});

describe('zone', () => {
  const service = (name: string, clusterIP: string) => ({ metadata: { name, namespace: 'vpn' }, spec: { clusterIP } });
  const slice = {
    addressType: 'IPv4',
    metadata: { namespace: 'vpn', labels: { 'kubernetes.io/service-name': 'gluetun-endpoints' } },
    endpoints: [
      { addresses: ['10.1.0.7'], hostname: 'gluetun-0' },
      { addresses: ['10.1.0.8'], hostname: 'gluetun-1', conditions: { ready: false } },
    ],
  };
  const zone = clusterZone(
    [service('gluetun', '10.152.183.5'), service('gluetun-endpoints', 'None')],
    [slice],
    'cluster.local',
  );

  test.each([
    { name: 'gluetun.vpn.svc.cluster.local', code: 'NOERROR', addresses: ['10.152.183.5'] },
    { name: 'gluetun-endpoints.vpn.svc.cluster.local', code: 'NOERROR', addresses: ['10.1.0.7'] },
    { name: 'gluetun-0.gluetun-endpoints.vpn.svc.cluster.local', code: 'NOERROR', addresses: ['10.1.0.7'] },
    { name: 'nobody.vpn.svc.cluster.local', code: 'NXDOMAIN', addresses: [] },
  ])('$name', ({ name, code, addresses }) => {
    expect(lookup(zone, name, 'cluster.local', 5)).toEqual({ code, addresses, ttl: 5 });
  });

  test("other names are not the cluster's", () => {
    expect(lookup(zone, 'web.lab', 'cluster.local', 5)).toBeUndefined();
  });
});

describe('cache', () => {
  const options = { listen: '', domain: 'cluster.local', upstream: '', ttl: 5 };
  const name = 'g.vpn.svc.cluster.local';
  test.each([
    { cacheSeconds: 0, seen: ['10.1.0.1', '10.1.0.2', '10.1.0.2'] },
    { cacheSeconds: 5, seen: ['10.1.0.1', '10.1.0.1', '10.1.0.2'] },
  ])('with $cacheSeconds s', ({ cacheSeconds, seen }) => {
    const resolver = new ClusterResolver({ ...options, cacheSeconds });
    resolver.zone = { [name]: ['10.1.0.1'] };
    const first = resolver.resolve(name, 0)?.addresses[0];
    resolver.zone = { [name]: ['10.1.0.2'] };
    expect([first, resolver.resolve(name, 4999)?.addresses[0], resolver.resolve(name, 5000)?.addresses[0]]).toEqual(
      seen,
    );
  });
});
