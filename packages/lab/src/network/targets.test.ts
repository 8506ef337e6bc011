/** @module Services and EndpointSlices to translation targets. */

import { expect, test } from 'vitest';
import { serviceTargets } from './targets.ts';

const service = (spec: object) => ({ metadata: { name: 'web', namespace: 'vpn' }, spec });
const slice = (ports: object[], endpoints: { addresses: string[]; conditions?: object }[], name = 'web') => ({
  addressType: 'IPv4',
  metadata: { namespace: 'vpn', labels: { 'kubernetes.io/service-name': name } },
  ports,
  endpoints,
});
const port = { name: 'http', port: 80, protocol: 'TCP' };
const ready = { addresses: ['10.1.0.2'] };

test.each([
  {
    name: 'the port of the slice is used',
    services: [service({ clusterIP: '10.152.183.5', ports: [port] })],
    slices: [slice([{ name: 'http', port: 8080, protocol: 'TCP' }], [ready])],
    targets: [
      { clusterIp: '10.152.183.5', protocol: 'TCP', port: 80, endpoints: [{ address: '10.1.0.2', port: 8080 }] },
    ],
  },
  {
    name: 'endpoints that are not ready are left out',
    services: [service({ clusterIP: '10.152.183.5', ports: [port] })],
    slices: [slice([{ name: 'http', port: 8080 }], [{ addresses: ['10.1.0.3'], conditions: { ready: false } }])],
    targets: [{ clusterIp: '10.152.183.5', protocol: 'TCP', port: 80, endpoints: [] }],
  },
  {
    name: "another Service's slice is not used",
    services: [service({ clusterIP: '10.152.183.5', ports: [port] })],
    slices: [slice([port], [ready], 'other')],
    targets: [{ clusterIp: '10.152.183.5', protocol: 'TCP', port: 80, endpoints: [] }],
  },
  {
    name: 'headless Services have no target',
    services: [service({ clusterIP: 'None', ports: [port] })],
    slices: [],
    targets: [],
  },
])('$name', ({ services, slices, targets }) => {
  expect(serviceTargets(services, slices)).toEqual(targets);
});
