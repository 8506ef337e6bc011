/** @module Which pods a Service publishes, and how. */

import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { endpointSlice } from './endpoint-slice.ts';

function pod(
  name: string,
  more: { ready?: boolean; ip?: string; ends?: boolean; phase?: 'Failed'; app?: string } = {},
): Pod {
  const { ready = true, ip = '10.1.0.2', ends = false, phase = 'Running', app = 'web' } = more;
  return {
    metadata: { name, namespace: 'vpn', uid: name, labels: { app }, ...(ends && { deletionTimestamp: 'now' }) },
    spec: { containers: [], nodeName: 'node1', hostname: name, subdomain: 'web' },
    status: { podIP: ip, phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

function service(publishNotReadyAddresses: boolean): Service {
  const spec = {
    clusterIP: 'None',
    selector: { app: 'web' },
    publishNotReadyAddresses,
    ports: [{ port: 80, targetPort: 8080 }],
  };
  return { metadata: { name: 'web', namespace: 'vpn', uid: 'u' }, spec };
}

test.each([
  { name: 'ready', always: false, more: {}, conditions: { ready: true, serving: true, terminating: false } },
  {
    name: 'not ready',
    always: false,
    more: { ready: false },
    conditions: { ready: false, serving: false, terminating: false },
  },
  {
    name: 'not ready, published',
    always: true,
    more: { ready: false },
    conditions: { ready: true, serving: true, terminating: false },
  },
  {
    name: 'terminating',
    always: false,
    more: { ends: true },
    conditions: { ready: false, serving: true, terminating: true },
  },
  { name: 'without address', always: true, more: { ip: '' }, conditions: undefined },
  { name: 'failed', always: true, more: { phase: 'Failed' as const }, conditions: undefined },
  { name: 'of another application', always: true, more: { app: 'db' }, conditions: undefined },
])('a pod that is $name', ({ always, more, conditions }) => {
  const slice = endpointSlice(service(always), [pod('web-0', more)]);
  expect(slice?.endpoints[0]?.conditions).toEqual(conditions);
});

test('a slice names its pods, ports and Service', () => {
  const slice = endpointSlice(service(false), [pod('web-0')]);
  expect(slice?.endpoints[0]).toMatchObject({
    addresses: ['10.1.0.2'],
    hostname: 'web-0',
    targetRef: { name: 'web-0' },
  });
  expect(slice?.ports).toEqual([{ protocol: 'TCP', port: 8080 }]);
  expect(slice?.metadata?.labels).toMatchObject({
    'kubernetes.io/service-name': 'web',
    'service.kubernetes.io/headless': '',
  });
  expect(endpointSlice({ metadata: { name: 'x' }, spec: {} }, [])).toBeUndefined();
});
