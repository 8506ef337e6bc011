import { parseCidrs, parseIp, parseLabel, parsePort } from '@vpn-k8s/net';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { apiServersOf, apiServiceOf, controllersOf, resolversOf, resolversOfServices } from '../discovery.ts';
import { podGateway } from '../routing/pod-gateway.ts';
import { killSwitchPolicy, ownPolicy } from './policies.ts';

const slice = {
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.168.1.10'] }],
  ports: [{ port: 16443 }],
} as Parameters<typeof apiServersOf>[0];
const plane = {
  dns: [parseIp('10.152.183.10')],
  apiServers: [
    ...apiServersOf(slice),
    ...apiServiceOf({ KUBERNETES_SERVICE_HOST: '10.152.183.1', KUBERNETES_SERVICE_PORT: '443' }),
  ],
  controllers: controllersOf(['192.168.1.10:17070']),
};
const clusterCidrs = parseCidrs('10.1.0.0/16 10.152.183.0/24 fd00:1::/64');
const peer = {
  app: parseLabel('gluetun'),
  namespace: parseLabel('vpn'),
  ips: [parseIp('10.1.0.7')],
  vxlanPort: parsePort(4790),
};

describe('policies', () => {
  test.each([
    ['killswitch', killSwitchPolicy('alpha', plane, { method: podGateway, peer, clusterCidrs })],
    ['killswitch-without-gateway', killSwitchPolicy('alpha', plane, undefined)],
    [
      'gateway',
      ownPolicy('gluetun', plane, clusterCidrs, [{ address: '203.0.113.5/32', port: 51820, protocol: 'UDP' }]),
    ],
    ['gateway-any-server', ownPolicy('gluetun', plane, clusterCidrs, [{ address: null, port: 1194, protocol: 'TCP' }])],
  ])('%s', (name, policy) => expect(stringify(policy)).toMatchFileSnapshot(`golden/${name}.yaml`));
});

describe('discovery', () => {
  test.each([
    ['nameserver 10.152.183.10\nsearch vpn.svc.cluster.local\nnameserver fd00::a\n', ['10.152.183.10', 'fd00::a']],
    ['nameserver 8.8.8.8\nnameserver 127.0.0.53\n', []],
    ['', []],
  ])('resolv.conf %j', (text, addresses) => expect(resolversOf(text)).toEqual(addresses));
  test('Services of the resolver; a headless one has no address', () =>
    expect(resolversOfServices([{ spec: { clusterIP: '10.152.183.10' } }, { spec: { clusterIPs: ['None'] } }])).toEqual(
      ['10.152.183.10'],
    ));
  test('an API server on loopback is no peer', () =>
    expect(apiServiceOf({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '6443' })).toEqual([]));
  test.each([
    ['10.152.183.11:17070', [{ to: '10.152.183.11', port: 17070 }]],
    ['[fd00::1]:17070', [{ to: 'fd00::1', port: 17070 }]],
    [
      'controller-service.controller-k8s.svc.cluster.local:17070',
      [{ to: { namespace: 'controller-k8s' }, port: 17070 }],
    ],
    ['juju.example.com:443', []],
    ['', []],
  ])('controller %s', (address, found) => expect(controllersOf([address])).toEqual(found));
});
