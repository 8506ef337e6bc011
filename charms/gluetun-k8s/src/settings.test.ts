/** @module The charm refuses what gluetun refuses, in sentences for people, and makes gluetun's environment of the rest. */

import { readFileSync } from 'node:fs';
import type { Config } from '@vpn-k8s/juju';
import { expect, test } from 'vitest';
import { parseSettings } from './settings.ts';

const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=';
const custom: Config = {
  'cluster-cidrs': '10.152.183.0/24,10.1.0.0/16',
  'vpn-provider': 'custom',
  'vpn-type': 'wireguard',
  credentials: 'secret:cq8h1abcdefghijklmno',
  'wireguard-addresses': '10.64.0.2/32',
  'wireguard-endpoint-ip': '203.0.113.5',
  'wireguard-endpoint-port': 51820,
  'wireguard-public-key': KEY,
  'dns-address': '198.51.100.80',
  'vxlan-id': 42,
  'vxlan-port': 4790,
  privileged: false,
};

const problems = (config: Config) => {
  const parsed = parseSettings(config, 'gluetun');
  return parsed.kind === 'refused' ? parsed.problems : [];
};

test('the environment of a custom provider', async () => {
  const parsed = parseSettings(custom, 'gluetun');
  expect(parsed.kind).toBe('settings');
  const text = parsed.kind === 'settings' ? JSON.stringify(parsed.settings, null, 2) : '';
  await expect(`${text}\n`).toMatchFileSnapshot('./golden/settings-custom.json');
});

test.each<[string, Config, string]>([
  ['nothing', {}, 'cluster-cidrs is not set: juju config gluetun cluster-cidrs='],
  [
    'no provider',
    { ...custom, 'vpn-provider': '' },
    'vpn-provider is not set: juju config gluetun vpn-provider=custom|',
  ],
  ['no secret', { ...custom, credentials: null }, 'juju grant-secret NAME gluetun'],
  [
    'an unknown provider',
    { ...custom, 'vpn-provider': 'nope' },
    '"nope" is not a provider that this charm knows: custom, mullvad',
  ],
  ['a name of Object', { ...custom, 'vpn-provider': 'constructor' }, 'is not a provider'],
  ['OpenVPN', { ...custom, 'vpn-type': 'openvpn' }, 'vpn-type "openvpn" is not a type that this charm does yet'],
  ['a host name', { ...custom, 'wireguard-endpoint-ip': 'vpn.example.com' }, 'gluetun takes no host names here'],
  [
    'a port out of range',
    { ...custom, 'wireguard-endpoint-port': 65536 },
    'wireguard-endpoint-port 65536 is not a port',
  ],
  ['everything', { ...custom, 'cluster-cidrs': '0.0.0.0/0' }, 'cluster-cidrs "0.0.0.0/0" is too wide'],
  ['half a list', { ...custom, 'cluster-cidrs': '10.1.0.0/16,x' }, 'cluster-cidrs'],
  [
    'a range over the tunnel',
    { ...custom, 'cluster-cidrs': '10.0.0.0/8' },
    'holds "10.64.0.2/32", which is inside the tunnel',
  ],
  ['a range over the resolver', { ...custom, 'cluster-cidrs': '198.51.100.0/24' }, 'which is inside the tunnel'],
  [
    'a country for custom',
    { ...custom, 'server-countries': 'Norway' },
    'server-countries "Norway" cannot be chosen with custom',
  ],
  ['a line break', { ...custom, 'vpn-provider': 'mullvad', 'server-cities': 'Oslo\nLD_PRELOAD=x' }, 'server-cities'],
  ['a port for Proton', { ...custom, 'vpn-provider': 'protonvpn' }, 'must not be set for protonvpn'],
  ['a firewall setting', { ...custom, 'gluetun-env': 'FIREWALL=off' }, "FIREWALL would change gluetun's firewall"],
])('%s is refused with what to do', (_, config, sentence) => {
  expect(problems(config).join('; ')).toContain(sentence);
});

test('several faults are told at once', () => {
  expect(problems({ ...custom, 'wireguard-endpoint-port': -1, 'gluetun-env': 'PATH=x' })).toHaveLength(2);
});

/** Variables of the recordings that are options of the charm; keys are checked when the secret is read. */
const OPTIONS: Readonly<Record<string, string>> = {
  WIREGUARD_ENDPOINT_IP: 'wireguard-endpoint-ip',
  WIREGUARD_ENDPOINT_PORT: 'wireguard-endpoint-port',
  WIREGUARD_PUBLIC_KEY: 'wireguard-public-key',
  WIREGUARD_ADDRESSES: 'wireguard-addresses',
  SERVER_COUNTRIES: 'server-countries',
  SERVER_CITIES: 'server-cities',
};

interface Row {
  readonly provider: string;
  readonly case: string;
  readonly env: Readonly<Record<string, string>>;
  readonly accepted: boolean;
}

const fixtures = new URL('../../../packages/lab/fixtures/gluetun/settings-wireguard.json', import.meta.url);
const rows = (JSON.parse(readFileSync(fixtures, 'utf8')) as Row[]).filter(
  ({ provider, env, case: name }) =>
    ['custom', 'mullvad', 'protonvpn'].includes(provider) &&
    Object.keys(env).every((name) => name in OPTIONS || name === 'WIREGUARD_PRIVATE_KEY') &&
    !/PRIVATE_KEY|^key |not in the list/.test(name),
);

/** Recorded environments as this charm's configuration. */
function configOf({ provider, env }: Row): Config {
  const base = { ...custom, 'vpn-provider': provider, 'cluster-cidrs': '10.152.183.0/24' };
  const empty = Object.fromEntries(Object.values(OPTIONS).map((option) => [option, '']));
  const given = Object.entries(env).flatMap(([name, value]) => (OPTIONS[name] ? [[OPTIONS[name], value]] : []));
  return { ...base, ...empty, 'wireguard-endpoint-port': 0, ...Object.fromEntries(given) };
}

test.each(rows)('gluetun on $provider, "$case" and the charm agree', (row) => {
  expect(problems(configOf(row)).length === 0).toBe(row.accepted);
});

test('that was a good part of the recordings', () => {
  expect(rows.length).toBeGreaterThanOrEqual(28);
});
