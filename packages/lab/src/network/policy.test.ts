/** @module NetworkPolicy to nftables: the rules as a reviewer reads them. */

import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { describe, expect, test } from 'vitest';
import { type PolicyPod, policyRules, selects } from './policy.ts';

const pod = (namespace: string, app: string, number: number): PolicyPod => ({
  namespace,
  name: `${app}-0`,
  labels: { 'app.kubernetes.io/name': app },
  address: `10.1.0.${number}`,
  hostInterface: `cali${number}`,
});

const pods = [pod('vpn', 'qbittorrent', 2), pod('vpn', 'gluetun', 3), pod('kube-system', 'coredns', 4)];
const namespaces = {
  vpn: { 'kubernetes.io/metadata.name': 'vpn' },
  'kube-system': { 'kubernetes.io/metadata.name': 'kube-system' },
};

const policy = (spec: NetworkPolicy['spec']): NetworkPolicy => ({
  metadata: { name: 'test', namespace: 'vpn' },
  ...(spec ? { spec } : {}),
});
const podSelector = { matchLabels: { 'app.kubernetes.io/name': 'qbittorrent' } };

const rows: { name: string; policies: NetworkPolicy[] }[] = [
  { name: 'no-policy', policies: [] },
  { name: 'deny-all-egress', policies: [policy({ podSelector, policyTypes: ['Egress'] })] },
  {
    name: 'kill-switch',
    policies: [
      policy({
        podSelector,
        policyTypes: ['Egress'],
        egress: [
          { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'gluetun' } } }] },
          { to: [{ ipBlock: { cidr: '10.1.0.0/16', except: ['10.1.9.0/24'] } }] },
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
            ports: [
              { protocol: 'UDP', port: 53 },
              { protocol: 'TCP', port: 53 },
            ],
          },
          { to: [{ ipBlock: { cidr: '192.168.1.10/32' } }], ports: [{ port: 16443, endPort: 16445 }] },
        ],
      }),
    ],
  },
  { name: 'ingress', policies: [policy({ podSelector, ingress: [{ from: [{ podSelector: {} }] }] })] },
];

test.each(rows)('$name', async ({ name, policies }) => {
  const rules = policyRules({ pods, policies, namespaces });
  await expect(`${rules}\n`).toMatchFileSnapshot(`./golden/policy-${name}.nft`);
});

describe('label selectors', () => {
  const labels = { app: 'a', tier: 'web' };
  test.each([
    { name: 'empty selects all', selector: {}, selected: true },
    { name: 'equal label', selector: { matchLabels: { app: 'a' } }, selected: true },
    { name: 'other value', selector: { matchLabels: { app: 'b' } }, selected: false },
    { name: 'In', selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] }, selected: true },
    {
      name: 'NotIn',
      selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] },
      selected: false,
    },
    {
      name: 'NotIn without the key',
      selector: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['a'] }] },
      selected: true,
    },
    { name: 'Exists', selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, selected: true },
    {
      name: 'DoesNotExist',
      selector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      selected: false,
    },
  ])('$name', ({ selector, selected }) => {
    expect(selects(selector, labels)).toBe(selected);
  });

  test('an operator that the API does not have is refused by name', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'Near' }] };
    expect(() => selects(selector, labels)).toThrow('"Near" is not one of In, NotIn, Exists, DoesNotExist');
  });
});
