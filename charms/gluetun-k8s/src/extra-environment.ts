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
  [/^PUBLICIP_ENABLED$/, 'would hide the exit, by whose address the charm knows that the tunnel works'],
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
 * Reads the option: lines NAME=VALUE, or a JSON object of texts, which is what `custom-overrides` of the Python charm holds.
 * @example parseExtraEnvironment('WIREGUARD_MTU=1380').values // { WIREGUARD_MTU: '1380' }
 */
export function parseExtraEnvironment(text: string): ExtraEnvironment {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const entry of text.trim().startsWith('{') ? objectEntries(text) : lineEntries(text)) {
    const problem = typeof entry === 'string' ? entry : refusal(entry.name);
    if (problem) problems.push(problem);
    else if (typeof entry !== 'string') values[entry.name] = entry.value;
  }
  return { values, problems };
}

/** A setting, or the sentence why there is none. */
type Entry = { readonly name: string; readonly value: string } | string;

function lineEntries(text: string): Entry[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? notALine(line) : entryOf(line.slice(0, at), line.slice(at + 1));
    });
}

function objectEntries(text: string): Entry[] {
  try {
    const pairs = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return pairs.map(([name, value]) => entryOf(name, typeof value === 'object' ? '\0' : String(value)));
  } catch {
    return ['gluetun-env: begins with { but is not a JSON object of texts; write one NAME=VALUE a line'];
  }
}

function entryOf(name: string, value: string): Entry {
  return /^[A-Z][A-Z0-9_]*$/.test(name) && /^\P{Cc}*$/u.test(value) ? { name, value } : notALine(name);
}

/** Why only the name: the value may be a key. */
function notALine(name: string): string {
  return `gluetun-env: ${shown(name)} is not a line NAME=VALUE with a name in capital letters`;
}

function refusal(name: string): string | undefined {
  const why = REFUSED.find(([pattern]) => pattern.test(name))?.[1];
  if (why) return `gluetun-env: ${name} ${why}`;
  return KNOWN.test(name) ? undefined : `gluetun-env: ${name} is not a setting of gluetun`;
}
