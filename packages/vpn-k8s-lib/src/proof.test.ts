import { expect, test } from 'vitest';
import { prove, runs } from './proof.ts';

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (device: string, metric = 0) =>
  `${device}\t00000000\t00000000\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0\n`;
const refuse = route('*', 4294967295);
const ipv6 = (device: string, flags: string) =>
  `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000400 00000001 00000000 ${flags} ${device}\n`;

test.each([
  [
    'routed',
    '0a1b2c3d\n',
    head + route('vxlan0') + refuse,
    undefined,
    { hash: '0a1b2c3d', locked: true, routed: true, missing: undefined },
  ],
  [
    'in an outage',
    '0a1b2c3d',
    head + refuse,
    '',
    { locked: true, routed: false, missing: 'the route to the gateway is not up' },
  ],
  [
    'before the init',
    undefined,
    head + route('eth0'),
    undefined,
    { hash: undefined, locked: false, missing: 'the lock of this pod is not set' },
  ],
  ['alias cleared by the sidecar', '\n', head + route('vxlan0'), undefined, { locked: false }],
  ['an alias of another form', 'proven', head + route('vxlan0'), undefined, { locked: false }],
  [
    'eth0 beside the overlay',
    '0a1b2c3d',
    head + route('vxlan0') + route('eth0', 100),
    undefined,
    { locked: false, missing: 'a default route of this pod leads to eth0' },
  ],
  ['no default at all', '0a1b2c3d', head, undefined, { locked: false }],
  [
    'no routes file',
    '0a1b2c3d',
    undefined,
    undefined,
    { locked: false, missing: 'the routes of this pod cannot be read' },
  ],
  [
    'IPv6 past the lock',
    '0a1b2c3d',
    head + route('vxlan0'),
    ipv6('eth0', '00000003'),
    { locked: false, missing: 'an IPv6 default route of this pod leads to eth0' },
  ],
  ['IPv6 refused', '0a1b2c3d', head + route('vxlan0'), ipv6('lo', '00200200'), { locked: true, routed: true }],
])('%s', (_, alias, routes, ipv6Routes, proof) => expect(prove({ alias, routes, ipv6Routes })).toMatchObject(proof));

test.each([
  [{ running: { startedAt: '2026-11-22T16:41:56Z' } }, true],
  [{ waiting: { reason: 'CrashLoopBackOff' } }, false],
  [undefined, false],
])('a container in state %o runs: %s', (state, yes) => {
  const status = {
    name: 'vpn-route-sidecar',
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    ...(state ? { state } : {}),
  };
  expect(runs({ status: { containerStatuses: [status] } }, 'vpn-route-sidecar')).toBe(yes);
  expect(runs({ status: { containerStatuses: [status] } }, 'another')).toBe(false);
});
