import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClient } from './client.ts';
import { readGateway } from './gateway.ts';
import { readObject } from './lax.ts';
import { providerText, requirerText } from './write.ts';

interface Recorded {
  provider_databag: Record<'connected' | 'defaults_not_connected', { config: string }>;
  requirer_databag: { leader: { config: string } };
  requirer_reads: Record<string, { accepted: boolean; differs_from_base?: Record<string, unknown> }>;
  field_order: string[];
}

const recorded = (version: string): Recorded =>
  JSON.parse(
    readFileSync(new URL(`../../fixtures/charmarr/vpn-gateway-${version}.json`, import.meta.url), 'utf8'),
  ) as Recorded;
const versions = ['0.5.0', '0.6.4'];
const base = JSON.parse(recorded('0.6.4').provider_databag.connected.config) as Record<string, unknown>;
const text = (change: Record<string, unknown> = {}) => JSON.stringify({ ...base, ...change });

/** The payload that a recorded case names: `vxlan_id="42"`, `missing vxlan_id`, `null vxlan_id`; undefined for the others. */
function payloadOf(name: string, from: Record<string, unknown>): string | undefined {
  const [, verb, missing] = /^(missing|null) (\w+)$/.exec(name) ?? [];
  if (verb && missing) {
    const { [missing]: _, ...rest } = from;
    return JSON.stringify(verb === 'null' ? { ...rest, [missing]: null } : rest);
  }
  const [, field, value] = /^(\w+)=(.+)$/s.exec(name) ?? [];
  return field && value
    ? JSON.stringify(from).replace(new RegExp(`"${field}":("[^"]*"|[\\w.]+)`), `"${field}":${value}`)
    : undefined;
}

describe.each(versions)('what charmarr-lib-vpn %s accepts or refuses', (version) => {
  const { provider_databag, requirer_reads } = recorded(version);
  const from = JSON.parse(provider_databag.connected.config) as Record<string, unknown>;
  const cases = Object.entries(requirer_reads)
    .map(([name, { accepted }]) => ({ name, accepted, payload: payloadOf(name, from) }))
    .filter(({ payload }) => payload !== undefined);
  test('most recorded cases are replayed', () => expect(cases.length).toBeGreaterThan(80));
  test.each(cases.filter(({ accepted }) => !accepted))('refused there is refused here: $name', ({ payload }) =>
    expect(readGateway(payload).kind).toBe('invalid'),
  );
  // What has no meaning (an empty name, a shell command) is accepted there and refused here, by its meaning only.
  test.each(cases.filter(({ accepted }) => accepted))(
    'accepted there has its shape accepted here: $name',
    ({ payload }) => {
      const read = readGateway(payload);
      if (read.kind === 'invalid')
        expect(read.problem).toMatch(
          /^(gateway_dns_name|vxlan_ip_network|cluster_cidrs|cluster_dns_ip|instance_name) "/,
        );
      else expect(read.kind).toBe('gateway');
    },
  );
});

test.each([
  ['vxlan_id="1_000"', { vni: 1000 }],
  ['vxlan_id=" 42.0 "', { vni: 42 }],
  ['vxlan_id=true', { vni: 1 }],
  ['vpn_connected="Off"', { connected: false }],
  ['vpn_connected=1.0', { connected: true }],
  ['missing vpn_connected', { connected: false }],
  ['missing vxlan_port', { vxlanPort: 8472 }],
  ['null external_ip', { externalIp: null }],
  ['external_ip="nope"', { externalIp: null }],
  [
    'gateway_dns_name="gw-endpoints.media.svc.k8s.example"',
    { app: 'gw', namespace: 'media', clusterDomain: 'k8s.example' },
  ],
])('%s means %o', (name, values) => {
  const read = readGateway(payloadOf(name, base));
  expect(read).toMatchObject({ kind: 'gateway', gateway: values });
});

test.each([
  [{ cluster_cidrs: '0.0.0.0/0' }, 'cluster_cidrs "0.0.0.0/0" is too wide'],
  [{ cluster_cidrs: '::/0' }, 'is too wide'],
  [{ cluster_cidrs: '10.1.0.0/16,8.8.8.0/24' }, 'holds the public range 8.8.8.0/24'],
  [{ cluster_cidrs: '172.16.0.0/16' }, 'overlaps the overlay 172.16.0.0/24'],
  [{ cluster_cidrs: '' }, 'holds no range'],
  [{ cluster_cidrs: '10.0.0.0/8;reboot' }, 'is not a range'],
  [{ cluster_cidrs: '10.1.0.0/16,'.repeat(70) }, 'at most 64'],
  [{ gateway_dns_name: '$(rm -rf /)' }, 'gateway_dns_name "$(rm -rf /)" is not a DNS name'],
  [{ gateway_dns_name: 'evil.example.com' }, "is not an application's headless Service"],
  [{ gateway_ips: ['8.8.8.8'] }, 'gateway_ips "8.8.8.8" is not an address inside the cluster'],
  [{ cluster_dns_ip: '8.8.8.8' }, 'cluster_dns_ip "8.8.8.8" is not an address inside the cluster'],
  [{ dns_ip: '10.9.9.9' }, 'is not in the overlay'],
  [{ vxlan_ip_network: '8.8.8' }, 'is not an overlay network'],
  [{ instance_name: '`id`' }, 'instance_name "`id`" is not a name'],
  [{ forwarded_ports: [0] }, 'forwarded_ports.0 0 is not taken'],
  [{ instance_name: 'x'.repeat(2 ** 20) }, 'config has'],
])('%o is refused: %s', (change, problem) => {
  const read = readGateway(text(change));
  expect(read.kind === 'invalid' && read.problem).toContain(problem);
  expect(read.kind === 'invalid' && read.problem.length).toBeLessThan(200);
});

test("the charm's own configuration may name public ranges, the relation may not", () =>
  expect(readGateway(text({ cluster_cidrs: '8.0.0.0/8' }), { clusterCidrs: [] }).kind).toBe('gateway'));

test.each([
  [undefined, 'absent'],
  ['', 'absent'],
  ['\ufeff{}', 'invalid'],
  ['{"a":1,}', 'invalid'],
  ['[]', 'invalid'],
  ['null', 'invalid'],
  ['NaN', 'invalid'],
  ['  {} ', 'object'],
])('the text %j is %s', (input, kind) => expect(readObject(input).kind).toBe(kind));

test('whatever the other side writes, reading it gives an answer', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(base), 'mtu', 'gateway_ips'), fc.jsonValue()),
      (change) => {
        expect(['invalid', 'gateway']).toContain(readGateway(text(change)).kind);
        expect(['invalid', 'client']).toContain(readClient(text(change)).kind);
      },
    ),
  );
});

test('the provider writes the ten fields of the Python family byte for byte', () => {
  const { config } = recorded('0.6.4').provider_databag.connected;
  expect(providerText(base as Parameters<typeof providerText>[0])).toBe(config);
});

test('ours follow after theirs', () => {
  const written = providerText({ ...(base as Parameters<typeof providerText>[0]), mtu: 1370, schema_version: 1 });
  const names = Object.keys(JSON.parse(written) as object);
  expect(names.slice(0, 10)).toEqual(recorded('0.6.4').field_order);
  expect(names.slice(10)).toEqual(['schema_version', 'mtu']);
});

describe('the requirer', () => {
  test('writes what the Python family writes', () =>
    expect(requirerText({ instance_name: 'qbittorrent' })).toBe(recorded('0.6.4').requirer_databag.leader.config));
  test.each([
    [
      '{"instance_name":"qbittorrent"}',
      { instanceName: 'qbittorrent', routingMethods: ['pod-gateway'], forwardPorts: 0 },
    ],
    [
      '{"instance_name":"q","forward_ports":"1","routing_methods":["x"],"namespace":"media"}',
      { forwardPorts: 1, routingMethods: ['x'], namespace: 'media' },
    ],
  ])('%s is read', (written, client) => expect(readClient(written)).toMatchObject({ kind: 'client', client }));
  test.each([
    '{}',
    '{"instance_name":null}',
    '{"instance_name":5}',
    '{"instance_name":""}',
    '{"instance_name":"a b"}',
    '{"instance_name":"q","forward_ports":1000}',
  ])('%s is refused', (written) => expect(readClient(written).kind).toBe('invalid'));
});
