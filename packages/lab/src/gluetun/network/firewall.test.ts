/** @module Pure parts of the firewall: which user rules are run, what the resolver's file becomes. */

import { expect, test } from 'vitest';
import { goDuration } from '../vpn/loop.ts';
import { mappingRequest } from '../vpn/nat-pmp.ts';
import { fromEchoip } from '../vpn/public-ip.ts';
import { postRules } from './firewall.ts';
import { withNameserver } from './resolver.ts';
import { masked } from './routing.ts';

test('user rules begin with a tool of iptables at the first column; all other lines are passed over', () => {
  const text = 'nft add table x\n# iptables -F\n  iptables -F\niptables -A INPUT -j ACCEPT\nip6tables-nft -F\n';
  expect(postRules(text)).toEqual(['iptables -A INPUT -j ACCEPT', 'ip6tables-nft -F']);
});

test('the name server comes first and is the only one', () => {
  expect(withNameserver('search a b\nnameserver 10.0.0.1\nnameserver 10.0.0.2\noptions ndots:5\n', '1.1.1.1')).toBe(
    'nameserver 1.1.1.1\nsearch a b\noptions ndots:5\n',
  );
});

test.each([
  ['10.43.0.1/16', '10.43.0.0/16'],
  ['192.168.1.77/25', '192.168.1.0/25'],
  ['10.0.0.1/32', '10.0.0.1/32'],
])('masked(%j) is %j', (range, wanted) => {
  expect(masked(range)).toBe(wanted);
});

test.each([
  [15_000, '15s'],
  [60_000, '1m0s'],
  [240_000, '4m0s'],
])('%d ms is %j', (ms, wanted) => {
  expect(goDuration(ms)).toBe(wanted);
});

test('NAT-PMP asks with the recorded bytes', () => {
  expect(mappingRequest(1, 1).toString('hex')).toBe('00010000000000010000003c');
  expect(mappingRequest(2, 41000).toString('hex')).toBe('000200000000a0280000003c');
});

test('an echoip answer without a place leaves its fields out', () => {
  expect(fromEchoip({ ip: '203.0.113.5', country: 'Netherlands' })).toEqual({
    public_ip: '203.0.113.5',
    country: 'Netherlands',
    location: '0.000000,0.000000',
  });
});
