/** @module The stand-in accepts and refuses what the real program did, in its words. */

import { expect, test } from 'vitest';
import { imageEnvironment } from '../image-environment.ts';
import { type RecordedSettings, recorded, withoutUrls } from '../recorded/fixtures.ts';
import { parseAddr, parseDuration, parsePrefix } from './go.ts';
import { checkLogLevel, readSettings } from './read.ts';
import { chooseServer } from './servers.ts';
import { unfinished } from './unfinished.ts';
import { validate } from './validate.ts';

const BASE = { ...imageEnvironment, DNS_SERVER: 'off', DNS_ADDRESS: '198.51.100.80', VERSION_INFORMATION: 'off' };
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

const read = (env: Record<string, string>, files: Record<string, string> = {}) =>
  readSettings({ env: { ...BASE, ...env }, file: (path) => files[path] });

function verdict(row: RecordedSettings): string {
  try {
    const settings = read({ VPN_SERVICE_PROVIDER: row.provider, VPN_TYPE: row.type, ...row.env });
    checkLogLevel(settings);
    validate(settings, { ipv6: true });
    return 'accepted';
  } catch (error) {
    return withoutUrls((error as Error).message);
  }
}

const rows = recorded<RecordedSettings>('settings-wireguard');
const differing = rows.filter((row) => verdict(row) !== (row.accepted ? 'accepted' : row.error));

test('of 217 recorded environments with WireGuard 216 have the same verdict, word by word', () => {
  expect(rows.length - differing.length).toBe(216);
  expect(differing.map((row) => `${row.provider}: ${row.case}`)).toEqual([
    'custom: VPN_TYPE=', // counts as OpenVPN, whose settings the stand-in does not check
  ]);
});

test.each([
  ['10.0.0.1', undefined],
  ['10.0.0', 'ParseAddr("10.0.0"): IPv4 address too short'],
  ['10.0.0.256', 'ParseAddr("10.0.0.256"): IPv4 field has value >255'],
  ['fd00::1', undefined],
  ['host', 'ParseAddr("host"): unable to parse IP'],
])('parseAddr(%j)', (text, refusal) => {
  if (refusal) expect(() => parseAddr(text)).toThrow(refusal);
  else expect(parseAddr(text)).toBe(text);
});

test.each([
  ['10.0.0.0/33', 'netip.ParsePrefix("10.0.0.0/33"): prefix length out of range'],
  ['10.0.0.0', `netip.ParsePrefix("10.0.0.0"): no '/'`],
])('parsePrefix(%j) refuses', (text, refusal) => {
  expect(() => parsePrefix(text)).toThrow(refusal);
});

test.each([
  ['25s', 25_000],
  ['1h30m', 5_400_000],
  ['0', 0],
  ['-1s', -1000],
])('parseDuration(%j) is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('a secret file stands in for its variable, which wins when both are there', () => {
  const files = { '/run/keys/one': `${KEY}\n`, '/run/secrets/wireguard_preshared_key': 'from the default place\n' };
  const settings = read({ WIREGUARD_PRIVATE_KEY_SECRETFILE: '/run/keys/one' }, files);
  expect(settings.wireguard.privateKey).toBe(KEY);
  expect(settings.wireguard.presharedKey).toBe('from the default place');
  expect(
    read({ WIREGUARD_PRIVATE_KEY: 'x', WIREGUARD_PRIVATE_KEY_SECRETFILE: '/run/keys/one' }, files).wireguard.privateKey,
  ).toBe('x');
});

test('what the stand-in does not do is refused by name', () => {
  const settings = read({ VPN_TYPE: 'openvpn', DNS_SERVER: 'on', PUBLICIP_ENABLED: 'off' });
  expect(unfinished(settings, { HTTPPROXY: 'on' })).toEqual([
    'the stand-in does not do OpenVPN yet: set VPN_TYPE=wireguard',
    'the stand-in has no DNS server: set DNS_SERVER=off and DNS_ADDRESS',
    'the stand-in has no HTTP proxy: set HTTPPROXY=off',
  ]);
});

test("a provider's server is chosen from servers.json by country", () => {
  const listed = (country: string, ip: string) => ({
    vpn: 'wireguard',
    country,
    wgpubkey: `key of ${country}`,
    ips: [ip],
  });
  const list = JSON.stringify({
    mullvad: { servers: [listed('Canada', '203.0.113.7'), listed('Netherlands', '203.0.113.5')] },
  });
  const settings = read({ VPN_SERVICE_PROVIDER: 'mullvad', VPN_TYPE: 'wireguard', SERVER_COUNTRIES: 'netherlands' });
  const chosen = { endpoint: { address: '203.0.113.5', port: 51820 }, publicKey: 'key of Netherlands' };
  expect(chooseServer(settings, list)).toEqual(chosen);
  expect(() => chooseServer(settings, undefined)).toThrow('no server found');
});
