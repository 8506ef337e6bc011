import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressOf,
  contains,
  defaultRoutes,
  hostCidr,
  isOwnUse,
  macOf,
  numberOf,
  overlaps,
  overlayMtu,
  parseCidr,
  parseCidrs,
  parseDnsName,
  parseIp,
  parseIpv4,
  parseOverlay,
  parseRoutes,
  parseSettings,
  settingsText,
  shown,
  splitEndpointsName,
  usableIpv6Defaults,
} from './index.ts';

describe('parseIp', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['fd00:0:0::1', 'fd00::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::', '::'],
  ])('%s is %s', (text, canonical) => expect(parseIp(text)).toBe(canonical));
  test.each(['', '10.0.0', '010.0.0.1', '10.0.0.256', 'fe80::1%eth0', '::ffff:1.2.3.4', '$(id)', 'x'.repeat(2 ** 20)])(
    '%.40s is refused',
    (text) => expect(() => parseIp(text)).toThrow('is not an address'),
  );
  test('numbers and addresses are inverse', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().filter((ip) => !ip.includes('.')),
        ),
        (text) => {
          const ip = parseIp(text);
          expect(addressOf(numberOf(ip), ip.includes(':') ? 6 : 4)).toBe(ip);
        },
      ),
    );
  });
  test('a hardware address follows from the overlay address', () =>
    expect(macOf(parseIpv4('172.16.0.1'))).toBe('02:00:ac:10:00:01'));
});

describe('ranges', () => {
  test.each([
    ['10.1.2.3/16', '10.1.0.0/16'],
    ['192.168.1.10', '192.168.1.10/32'],
    ['fd00:1::5/64', 'fd00:1::/64'],
  ])('%s is %s', (text, canonical) => expect(parseCidr(text)).toBe(canonical));
  test.each([
    ['0.0.0.0/0', 'too wide'],
    ['::/0', 'too wide'],
    ['0.0.0.0/1', 'too wide'],
    ['10.0.0.0/33', 'not a range'],
    ['10.0.0.0/8/8', 'not a range'],
    ['10.0.0.0/', 'not a range'],
    ['10.0.0.0/-1', 'not a range'],
    ['$(reboot)/8', 'not a range'],
  ])('%s is refused: %s', (text, rule) => expect(() => parseCidr(text)).toThrow(rule));
  test('a list is brought into one order, without repetitions and ranges inside others', () =>
    expect(parseCidrs('10.152.183.0/24, fd00::/64 10.1.0.0/16,10.1.2.0/24,10.1.0.0/16')).toEqual([
      '10.1.0.0/16',
      '10.152.183.0/24',
      'fd00::/64',
    ]));
  test('a list of thousands is refused', () =>
    expect(() => parseCidrs('10.0.0.0/8,'.repeat(5000))).toThrow('at most 64'));
  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['10.0.0.0/8', 'fd00::/8', false],
  ])('%s overlaps %s: %s', (a, b, yes) => expect(overlaps(parseCidr(a), parseCidr(b))).toBe(yes));
  test.each([
    ['192.168.1.0/24', true],
    ['8.8.8.0/24', false],
    ['172.0.0.0/8', false],
    ['fd12::/48', true],
    ['2001:db8::/32', false],
  ])('%s is of own use: %s', (text, yes) => expect(isOwnUse(parseCidr(text))).toBe(yes));
  test('a host is inside the range it was cut from', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 8, max: 32 }), (ip, length) =>
        contains(parseCidr(`${ip}/${length}`), hostCidr(parseIp(ip))),
      ),
    );
  });
});

describe('names', () => {
  test('the headless Service of an application is taken apart', () =>
    expect(splitEndpointsName(parseDnsName('gluetun-endpoints.vpn.svc.cluster.local.'))).toEqual({
      app: 'gluetun',
      namespace: 'vpn',
      domain: 'cluster.local',
    }));
  test.each(['', 'a b', 'a;b', '$(rm -rf /)', 'a..b', '-a', 'a'.repeat(300), 'a_b', 'Gluetun'])(
    '%.20s is refused',
    (text) => expect(() => parseDnsName(text)).toThrow('is not a DNS name'),
  );
  test.each(['172.16', '172.16.0.0', '8.8.8', 'zzz', '172.16.0.0/24', '172.32.0'])('overlay %s is refused', (text) =>
    expect(() => parseOverlay(text)).toThrow('is not an overlay network'),
  );
  test('long and strange input is cut and escaped', () => {
    expect(shown(`a\n${'b'.repeat(2 ** 20)}`)).toMatch(/^"a\\nb{50,55}\.\.\.$/);
    expect(shown(undefined)).toBe('undefined');
  });
});

test.each([
  [1500, 4, undefined, 1450],
  [1500, 6, 9000, 1430],
  [1500, 4, 1320, 1320],
] as const)('MTU of eth0 %s over IPv%s with tunnel %s is %s', (uplink, family, tunnel, mtu) =>
  expect(overlayMtu(uplink, family, tunnel)).toBe(mtu),
);

describe('routes of /proc', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const table = [
    head,
    '*\t00000000\t00000000\t0200\t0\t0\t4294967295\t00000000\t0\t0\t0',
    'vxlan0\t00000000\t010010AC\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0000010A\t0101FEA9\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0',
  ].join('\n');
  test('defaults in the order in which they win', () =>
    expect(defaultRoutes(parseRoutes(table)).map((route) => route.device)).toEqual(['vxlan0', '*']));
  test('a range is read with its prefix', () =>
    expect(parseRoutes(table)[2]).toEqual({ device: 'eth0', destination: '10.1.0.0', prefix: 16, metric: 0 }));
  test('a text of another form says nothing', () => expect(() => parseRoutes('')).toThrow('columns'));
  const zero = '0'.repeat(32);
  const line = (flags: string, device: string, prefix = '00') =>
    `${zero} ${prefix} ${zero} 00 fe80${'0'.repeat(27)}1 00000400 00000001 00000000 ${flags} ${device}`;
  test.each([
    ['', []],
    [line('00000003', 'eth0'), ['eth0']],
    [line('00200200', 'lo'), []],
    [line('00200200', 'eth0'), []],
    [line('00000003', 'eth0', '40'), []],
  ])('IPv6 defaults of %.200s', (text, devices) => expect(usableIpv6Defaults(text)).toEqual(devices));
});

describe('settings.sh', () => {
  test('is written and read back', () => {
    const settings = { VXLAN_ID: '42', K8S_DNS_IPS: '10.152.183.10 fd00::a', VXLAN_MTU: '' };
    expect(parseSettings(settingsText(settings))).toEqual(settings);
  });
  test('no string gets a character past it that a shell could act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        let text = '';
        try {
          text = settingsText({ KEY: value });
        } catch {
          return;
        }
        expect(text).toMatch(/^KEY="[A-Za-z0-9 ./:_-]*"\n$/);
      }),
    );
  });
  test.each(['$(id)', 'a"b', 'a`b`', 'a\nb', 'a\\b', "a'b"])('%s is refused', (value) =>
    expect(() => settingsText({ KEY: value })).toThrow('is not taken for KEY'),
  );
});
