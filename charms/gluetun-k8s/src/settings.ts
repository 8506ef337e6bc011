/** @module The charm's configuration parsed into gluetun's settings; whatever gluetun would refuse is refused here, before it starts. */

import type { Config } from '@vpn-k8s/juju';
import {
  type Cidr,
  named,
  overlaps,
  parseCidr,
  parseCidrs,
  parseIp,
  parsePort,
  parseVni,
  Refusal,
  shown,
} from '@vpn-k8s/net';
import type { TunnelEndpoint } from 'vpn-k8s-lib';
import { parseExtraEnvironment } from './extra-environment.ts';
import { CONTROL_ADDRESS, files, HEALTH_ADDRESS, TUNNEL } from './names.ts';
import { type Provider, providers, type WireGuardRules } from './providers.ts';
import { parseAddresses, parsePublicKey } from './wireguard.ts';

/** The configuration as the charm uses it. */
export interface Settings {
  readonly provider: Provider;
  readonly rules: WireGuardRules;
  /** Environment of gluetun without the names of key files, which depend on the secret. */
  readonly environment: Readonly<Record<string, string>>;
  readonly secretId: string;
  readonly clusterCidrs: readonly Cidr[];
  readonly dnsAddress: string;
  readonly vxlanId: number;
  readonly vxlanPort: number;
  readonly agentImage: string | undefined;
  readonly privileged: boolean;
  /** Where the tunnel's own packets go. */
  readonly endpoint: TunnelEndpoint;
}

/** Settings, or the sentences why there are none. */
export type ParsedSettings =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** What must be set before anything else makes sense, with the command that sets it. */
const FIRST: readonly (readonly [option: string, example: string])[] = [
  ['cluster-cidrs', 'cluster-cidrs=10.1.0.0/16,10.152.183.0/24,<nodes>'],
  ['vpn-provider', `vpn-provider=${Object.keys(providers).join('|')}`],
  ['credentials', 'credentials=secret:<id> (juju add-secret NAME private-key=..., juju grant-secret NAME APP)'],
];

/** Reads `config-get` of config.yaml for this application. */
export function parseSettings(raw: Config, application: string): ParsedSettings {
  const missing = FIRST.find(([option]) => text(raw, option) === '');
  if (missing)
    return refused([`${missing[0]} is not set: juju config ${application} ${missing[1].replace('APP', application)}`]);
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const found = attempt(() => providerOf(raw));
  const endpointPort = attempt(() => portOf(raw));
  const common = attempt(() => commonOf(raw));
  const tunnel = found && endpointPort !== undefined && attempt(() => tunnelOf(raw, found, endpointPort));
  const extra = parseExtraEnvironment(text(raw, 'gluetun-env'));
  problems.push(...extra.problems);
  if (!found || !common || !tunnel || problems.length > 0) return refused(problems);
  const clash = attempt(() => checkRanges(common.clusterCidrs, tunnel.addresses, common.dnsAddress));
  if (clash === undefined) return refused(problems);
  const environment = { ...fixed(common), ...tunnel.environment, ...extra.values };
  return { kind: 'settings', settings: { ...found, ...common, endpoint: tunnel.endpoint, environment } };
}

const refused = (problems: readonly string[]): ParsedSettings => ({ kind: 'refused', problems });

function text(raw: Config, option: string): string {
  const value = raw[option];
  return typeof value === 'string' ? value.trim() : '';
}

function providerOf(raw: Config): { provider: Provider; rules: WireGuardRules } {
  const type = text(raw, 'vpn-type').toLowerCase();
  if (type !== 'wireguard') throw new Refusal(type, 'is not a type that this charm does yet: wireguard', 'vpn-type');
  const provider = Object.hasOwn(providers, text(raw, 'vpn-provider'))
    ? providers[text(raw, 'vpn-provider')]
    : undefined;
  if (!provider?.wireguard) {
    const known = Object.keys(providers).join(', ');
    throw new Refusal(text(raw, 'vpn-provider'), `is not a provider that this charm knows: ${known}`, 'vpn-provider');
  }
  return { provider, rules: provider.wireguard };
}

function portOf(raw: Config): number {
  const port = Number(raw['wireguard-endpoint-port'] ?? 0);
  return port === 0 ? 0 : named('wireguard-endpoint-port', port, parsePort);
}

function commonOf(raw: Config) {
  return {
    clusterCidrs: named('cluster-cidrs', text(raw, 'cluster-cidrs'), parseCidrs),
    dnsAddress: named('dns-address', text(raw, 'dns-address'), parseIp),
    vxlanId: named('vxlan-id', Number(raw['vxlan-id'] ?? 42), parseVni),
    vxlanPort: named('vxlan-port', Number(raw['vxlan-port'] ?? 4790), parsePort),
    agentImage: text(raw, 'agent-image') || undefined,
    privileged: raw.privileged === true,
    secretId: text(raw, 'credentials').replace(/^secret:/, ''),
  };
}

function tunnelOf(raw: Config, { provider, rules }: { provider: Provider; rules: WireGuardRules }, port: number) {
  for (const option of rules.required) {
    if (option === 'wireguard-endpoint-port' ? port === 0 : text(raw, option) === '') {
      throw new Refusal(provider.name, `needs ${option} too: juju config ... ${option}=...`, 'vpn-provider');
    }
  }
  checkPort(provider, rules, port);
  const address = text(raw, 'wireguard-endpoint-ip');
  const endpoint = address === '' ? '' : named('wireguard-endpoint-ip', address, endpointAddress);
  const key = text(raw, 'wireguard-public-key');
  const addresses = named('wireguard-addresses', text(raw, 'wireguard-addresses'), parseAddresses);
  const given = {
    VPN_SERVICE_PROVIDER: provider.name,
    VPN_TYPE: 'wireguard',
    WIREGUARD_ENDPOINT_IP: endpoint,
    WIREGUARD_ENDPOINT_PORT: port === 0 ? '' : String(port),
    WIREGUARD_PUBLIC_KEY: key === '' ? '' : named('wireguard-public-key', key, parsePublicKey),
    WIREGUARD_ADDRESSES: addresses.join(','),
    ...serversOf(raw, provider),
  };
  const environment = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const wanted = { address: endpoint || null, port: port || rules.usualPort, protocol: 'UDP' as const };
  return { environment, addresses, endpoint: wanted };
}

function endpointAddress(value: string): string {
  try {
    return parseIp(value);
  } catch {
    throw new Refusal(value, 'is not an address: gluetun takes no host names here, write e.g. 203.0.113.5');
  }
}

function checkPort(provider: Provider, { port: rule }: WireGuardRules, port: number): void {
  if (port === 0) return;
  const field = 'wireguard-endpoint-port';
  if (rule === 'refused') throw new Refusal(port, `must not be set for ${provider.name}`, field);
  if (typeof rule !== 'string' && !rule.includes(port)) {
    throw new Refusal(port, `is not a port of ${provider.name}: ${rule.join(', ')}`, field);
  }
}

const SERVER_VARIABLES = {
  'server-countries': 'SERVER_COUNTRIES',
  'server-cities': 'SERVER_CITIES',
  'server-hostnames': 'SERVER_HOSTNAMES',
} as const;

function serversOf(raw: Config, provider: Provider): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [option, variable] of Object.entries(SERVER_VARIABLES)) {
    const value = text(raw, option);
    if (value === '') continue;
    if (!(provider.servers as readonly string[]).includes(option)) {
      throw new Refusal(value, `cannot be chosen with ${provider.name}`, option);
    }
    if (!/^[\p{L}\p{N} .,'()&/-]+$/u.test(value)) throw new Refusal(value, 'is not a list of names', option);
    found[variable] = value;
  }
  return found;
}

/** Why: gluetun routes cluster ranges around the tunnel, so a range over the tunnel's own address or resolver takes it out (recorded). */
function checkRanges(cidrs: readonly Cidr[], addresses: readonly string[], dns: string): true {
  for (const range of cidrs) {
    const inside = [...addresses, dns].find((address) => overlaps(range, parseCidr(address.split('/')[0] as string)));
    if (inside)
      throw new Refusal(
        range,
        `holds ${shown(inside)}, which is inside the tunnel: name narrower ranges`,
        'cluster-cidrs',
      );
  }
  return true;
}

/** What the charm decides on for every provider. Why each is written: the image brings other defaults. */
function fixed({
  clusterCidrs,
  dnsAddress,
}: {
  clusterCidrs: readonly Cidr[];
  dnsAddress: string;
}): Record<string, string> {
  return {
    VPN_INTERFACE: TUNNEL,
    FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'on',
    FIREWALL_OUTBOUND_SUBNETS: clusterCidrs.join(','),
    HTTP_CONTROL_SERVER_ADDRESS: CONTROL_ADDRESS,
    HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH: files.roles,
    HTTP_CONTROL_SERVER_LOG: 'off',
    HEALTH_SERVER_ADDRESS: HEALTH_ADDRESS,
    DNS_SERVER: 'off',
    DNS_ADDRESS: dnsAddress,
    DNS_KEEP_NAMESERVER: 'on',
    DNS_UPDATE_PERIOD: '0',
    BLOCK_MALICIOUS: 'off',
    UPDATER_PERIOD: '0',
    VERSION_INFORMATION: 'off',
  };
}
