/** @module The option gluetun-env: settings for gluetun beyond the charm's own, except those that would undo what the charm promises. */

import { shown } from '@vpn-k8s/net';

/** Families of refused names; the first that fits says why. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^(FIREWALL|EXTRA_SUBNETS$)/, "would change gluetun's firewall; cluster ranges go into cluster-cidrs"],
  [/^(HTTPPROXY|SHADOWSOCKS)/, 'would open a way into the tunnel beside the gateway'],
  [/^(HTTP_CONTROL_SERVER|HEALTH_SERVER)/, 'would take a server off loopback'],
  [/^(DNS|DOT|DOH|BLOCK_|UNBLOCK)/, "would take the pod's resolver; clients' resolver goes into dns-address"],
  [
    /(KEY|KEY_PASSPHRASE|PASSWORD|TOKEN|CERT|_USER|USERNAME|SECRETFILE)$/,
    'may hold a key; keys go into the secret of credentials',
  ],
  [/COMMAND$/, 'would run a command in the gateway'],
  [/^(VPN_SERVICE_PROVIDER|VPN_TYPE)$/, 'is set by vpn-provider and vpn-type'],
  [/^(WIREGUARD_(ADDRESSES|ENDPOINT_IP|ENDPOINT_PORT)|VPN_ENDPOINT_)/, 'is set by the option of that name'],
  [/^SERVER_(COUNTRIES|CITIES|HOSTNAMES)$/, 'is set by the option of that name'],
  [
    /^(VPN_INTERFACE|WIREGUARD_INTERFACE|OPENVPN_INTERFACE|WIREGUARD_ALLOWED_IPS)$/,
    'would lead packets past the tunnel',
  ],
  [/(FILE|FILEPATH|FLAGS|CUSTOM_CONFIG)$/, 'names a file or flags of the container, which the charm decides on'],
  [/^(PUID|PGID|UID|GID)$/, 'would change who owns the files that the charm reads'],
];

/** What gluetun's settings begin with; anything else in the environment is another program's (PATH, LD_PRELOAD ...). */
const KNOWN =
  /^(VPN|WIREGUARD|OPENVPN|SERVER|HEALTH|PUBLICIP|UPDATER|LOG|TZ$|ISP$|OWNED|STREAM|FREE|PREMIUM|MULTIHOP|SECURE|TOR|PORT_FORWARD|PRIVATE_INTERNET_ACCESS|VERSION_INFORMATION$)/;

/** Names and values, and a sentence for each line that was refused. */
export interface ExtraEnvironment {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/**
 * Reads the option.
 * @example parseExtraEnvironment('WIREGUARD_MTU=1380').values // { WIREGUARD_MTU: '1380' }
 */
export function parseExtraEnvironment(text: string): ExtraEnvironment {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=(\P{Cc}*)$/u.exec(line) ?? [];
    const problem = name === undefined ? notALine(line) : refusal(name);
    if (problem) problems.push(problem);
    else values[name as string] = value;
  }
  return { values, problems };
}

function notALine(line: string): string {
  // Why only the name: the value may be a key.
  return `gluetun-env: ${shown(line.split('=')[0])} is not a line NAME=VALUE with a name in capital letters`;
}

function refusal(name: string): string | undefined {
  const why = REFUSED.find(([pattern]) => pattern.test(name))?.[1];
  if (why) return `gluetun-env: ${name} ${why}`;
  return KNOWN.test(name) ? undefined : `gluetun-env: ${name} is not a setting of gluetun`;
}
