/** @module The option gluetun-env lets settings through and refuses, by name, what would undo the charm's promises. */

import { expect, test } from 'vitest';
import { parseExtraEnvironment } from './extra-environment.ts';

test('settings of gluetun pass, comments and empty lines are nothing', () => {
  const text =
    '# the tunnel is narrow\nWIREGUARD_MTU=1280\n\nPUBLICIP_API=echoip#http://198.51.100.80:8081\n TZ=Europe/Oslo \n';
  expect(parseExtraEnvironment(text)).toEqual({
    values: { WIREGUARD_MTU: '1280', PUBLICIP_API: 'echoip#http://198.51.100.80:8081', TZ: 'Europe/Oslo' },
    problems: [],
  });
});

test('a JSON object does as well, under the same rules', () => {
  const { values, problems } = parseExtraEnvironment(
    '{"WIREGUARD_MTU":1280,"TZ":"UTC","FIREWALL":"off","LOG_LEVEL":{}}',
  );
  expect(values).toEqual({ WIREGUARD_MTU: '1280', TZ: 'UTC' });
  expect(problems).toHaveLength(2);
  expect(parseExtraEnvironment('{"TZ":').problems).toEqual([expect.stringContaining('is not a JSON object')]);
});

test.each([
  ['FIREWALL_INPUT_PORTS=8000', "FIREWALL_INPUT_PORTS would change gluetun's firewall"],
  ['FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT=off', 'would change'],
  ['EXTRA_SUBNETS=10.0.0.0/8', 'EXTRA_SUBNETS would change'],
  ['HTTPPROXY=on', 'HTTPPROXY would open a way into the tunnel'],
  ['HTTP_CONTROL_SERVER_ADDRESS=:8000', 'would take a server off loopback'],
  ['HEALTH_SERVER_ADDRESS=:9999', 'would take a server off loopback'],
  ['DNS_KEEP_NAMESERVER=off', "would take the pod's resolver"],
  ['DOT=on', "would take the pod's resolver"],
  ['WIREGUARD_PRIVATE_KEY=x', 'keys go into the secret'],
  ['OPENVPN_PASSWORD_SECRETFILE=/etc/shadow', 'keys go into the secret'],
  ['VPN_PORT_FORWARDING_UP_COMMAND=sh', 'would run a command'],
  ['WIREGUARD_ALLOWED_IPS=10.0.0.0/8', 'would lead packets past the tunnel'],
  ['VPN_INTERFACE=eth0', 'would lead packets past the tunnel'],
  ['OPENVPN_CUSTOM_CONFIG=/x', 'names a file'],
  ['PUBLICIP_ENABLED=off', 'would hide the exit'],
  ['LD_PRELOAD=/x.so', 'LD_PRELOAD is not a setting of gluetun'],
  ['PATH=/tmp', 'PATH is not a setting of gluetun'],
  ['wireguard_mtu=1', '"wireguard_mtu" is not a line NAME=VALUE'],
])('%s is refused', (line, sentence) => {
  const { values, problems } = parseExtraEnvironment(line);
  expect(values).toEqual({});
  expect(problems).toEqual([expect.stringContaining(sentence)]);
});

test('a refused line never shows its value', () => {
  expect(parseExtraEnvironment('not a name=hunter2').problems.join()).not.toContain('hunter2');
});
