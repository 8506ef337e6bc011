/** @module Environment to settings; what cannot be read ends the program before its firewall is up (recorded). */

import { list, parsed, type Source, secret, text } from './environment.ts';
import { BadValue, parseAddr, parseDuration, parsePrefix, parseSwitch, parseUint16, within } from './go.ts';
import type { PortForwardSettings, Selection, Settings, WireGuardSettings } from './settings.ts';

const LEVELS = ['debug', 'info', 'warn', 'warning', 'error'];

/** Providers whose tunnel address gluetun knows. */
const ADDRESSES: Record<string, readonly string[]> = { nordvpn: ['10.5.0.2/32'], protonvpn: ['10.2.0.2/32'] };

/**
 * Reads all settings and fills in the defaults of 3.41.1.
 * @throws BadValue with the line that gluetun logs after `ERROR `
 */
export function readSettings(source: Source): Settings {
  const provider = providerName(text(source, 'VPN_SERVICE_PROVIDER', 'private internet access'));
  const vpn = within('reading VPN settings', () => readVpn(source, provider));
  return {
    ...vpn,
    dns: within('reading DNS settings', () => readDns(source)),
    firewall: within('reading firewall settings', () => readFirewall(source)),
    health: within('reading health settings', () => readHealth(source)),
    control: readControl(source),
    publicIp: {
      enabled: parsed(source, ['PUBLICIP_ENABLED'], parseSwitch, true),
      api: text(source, 'PUBLICIP_API', 'ipinfo').split(',')[0] as string,
      file: text(source, ['PUBLICIP_FILE', 'IP_STATUS_FILE'], '/tmp/gluetun/ip'),
    },
    system: within('reading system settings', () => readSystem(source)),
    storageFile: text(source, 'STORAGE_FILEPATH', '/gluetun/servers.json'),
  };
}

function providerName(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'pia' ? 'private internet access' : lower;
}

function readVpn(source: Source, provider: string) {
  return {
    provider,
    vpnType: text(source, 'VPN_TYPE', 'openvpn').toLowerCase(),
    selection: within('VPN provider: server selection', () => readSelection(source)),
    wireguard: within('wireguard', () => readWireGuard(source, provider)),
    portForward: within('VPN provider: port forwarding', () => readPortForward(source)),
    openvpn: { customConfig: text(source, 'OPENVPN_CUSTOM_CONFIG') },
  };
}

function endpointAddress(value: string): string {
  try {
    return parseAddr(value);
  } catch (error) {
    const where = 'https://github.com/qdm12/gluetun/issues/788';
    throw new BadValue(`${(error as Error).message} - note this MUST be an IP address, see ${where}`);
  }
}

function readSelection(source: Source): Selection {
  const on = (name: string) => parsed(source, name, parseSwitch, false);
  return {
    countries: list(source, ['SERVER_COUNTRIES', 'COUNTRY']),
    categories: list(source, 'SERVER_CATEGORIES'),
    regions: list(source, ['SERVER_REGIONS', 'REGION']),
    cities: list(source, ['SERVER_CITIES', 'CITY']),
    isps: list(source, 'ISP'),
    names: list(source, ['SERVER_NAMES', 'SERVER_NAME']),
    numbers: list(source, 'SERVER_NUMBER')?.map(Number) ?? null,
    hostnames: list(source, ['SERVER_HOSTNAMES', 'SERVER_HOSTNAME']),
    ownedOnly: on('OWNED_ONLY'),
    freeOnly: on('FREE_ONLY'),
    premiumOnly: on('PREMIUM_ONLY'),
    streamOnly: on('STREAM_ONLY'),
    multiHopOnly: on('MULTIHOP_ONLY'),
    portForwardOnly: on('PORT_FORWARD_ONLY'),
    secureCoreOnly: on('SECURE_CORE_ONLY'),
    torOnly: on('TOR_ONLY'),
    endpointIp: parsed(source, ['WIREGUARD_ENDPOINT_IP', 'VPN_ENDPOINT_IP'], endpointAddress, ''),
    endpointPort: parsed(source, ['WIREGUARD_ENDPOINT_PORT', 'VPN_ENDPOINT_PORT'], parseUint16, 0),
    publicKey: text(source, 'WIREGUARD_PUBLIC_KEY'),
  };
}

function address(value: string): string {
  const bits = value.includes(':') ? 128 : 32;
  return within('parsing address', () => parsePrefix(value.includes('/') ? value : `${value}/${bits}`));
}

function readWireGuard(source: Source, provider: string): WireGuardSettings {
  const given = secret(source, 'WIREGUARD_ADDRESSES');
  const addresses = given ? given.split(',').map((item) => address(item.trim())) : (ADDRESSES[provider] ?? []);
  const ranges = (value: string) => value.split(',').map((item) => parsePrefix(item.trim()));
  return {
    privateKey: secret(source, 'WIREGUARD_PRIVATE_KEY'),
    presharedKey: secret(source, 'WIREGUARD_PRESHARED_KEY'),
    addresses,
    allowedIps: parsed(source, 'WIREGUARD_ALLOWED_IPS', ranges, ['0.0.0.0/0', '::/0']),
    interface: text(source, ['VPN_INTERFACE', 'WIREGUARD_INTERFACE'], 'wg0'),
    keepaliveMs: parsed(source, 'WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL', parseDuration, 0),
    mtu: parsed(source, 'WIREGUARD_MTU', parseUint16, 0) || 1320,
    implementation: text(source, 'WIREGUARD_IMPLEMENTATION', 'auto').toLowerCase(),
  };
}

function readPortForward(source: Source): PortForwardSettings {
  return {
    enabled: parsed(source, ['VPN_PORT_FORWARDING', 'PORT_FORWARDING'], parseSwitch, false),
    provider: text(source, 'VPN_PORT_FORWARDING_PROVIDER').toLowerCase(),
    statusFile: text(source, 'VPN_PORT_FORWARDING_STATUS_FILE', '/tmp/gluetun/forwarded_port'),
    upCommand: text(source, 'VPN_PORT_FORWARDING_UP_COMMAND'),
    downCommand: text(source, 'VPN_PORT_FORWARDING_DOWN_COMMAND'),
    listeningPort: parsed(source, 'VPN_PORT_FORWARDING_LISTENING_PORT', parseUint16, 0),
    username: text(source, 'VPN_PORT_FORWARDING_USERNAME'),
    password: text(source, 'VPN_PORT_FORWARDING_PASSWORD'),
  };
}

function readDns(source: Source): Settings['dns'] {
  for (const name of ['BLOCK_MALICIOUS', 'BLOCK_SURVEILLANCE', 'BLOCK_ADS', 'DNS_CACHING', 'DNS_UPSTREAM_IPV6']) {
    parsed(source, name, parseSwitch, false);
  }
  return {
    serverEnabled: parsed(source, ['DNS_SERVER', 'DOT'], parseSwitch, true),
    address: parsed(source, ['DNS_ADDRESS', 'DNS_PLAINTEXT_ADDRESS'], parseAddr, '127.0.0.1'),
    keepNameserver: parsed(source, 'DNS_KEEP_NAMESERVER', parseSwitch, false),
    upstreamType: text(source, 'DNS_UPSTREAM_RESOLVER_TYPE', 'dot').toLowerCase(),
    upstreamResolvers: list(source, ['DNS_UPSTREAM_RESOLVERS', 'DOT_PROVIDERS']) ?? ['cloudflare'],
    updatePeriodMs: parsed(source, 'DNS_UPDATE_PERIOD', parseDuration, 86_400_000),
  };
}

function readFirewall(source: Source): Settings['firewall'] {
  const ports = (value: string) => value.split(',').map((item) => parseUint16(item.trim()));
  const ranges = (value: string) => value.split(',').map((item) => parsePrefix(item.trim()));
  parsed(source, 'FIREWALL_DEBUG', parseSwitch, false);
  const off = 'FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT';
  return {
    enabled: parsed(source, [off, 'FIREWALL'], parseSwitch, true),
    outboundSubnets: parsed(source, ['FIREWALL_OUTBOUND_SUBNETS', 'EXTRA_SUBNETS'], ranges, []),
    inputPorts: parsed(source, 'FIREWALL_INPUT_PORTS', ports, []),
    vpnInputPorts: parsed(source, 'FIREWALL_VPN_INPUT_PORTS', ports, []),
  };
}

function readHealth(source: Source): Settings['health'] {
  const ips = (value: string) => value.split(',').map((item) => parseAddr(item.trim()));
  return {
    address: text(source, 'HEALTH_SERVER_ADDRESS', '127.0.0.1:9999'),
    targets: list(source, ['HEALTH_TARGET_ADDRESSES', 'HEALTH_TARGET_ADDRESS']) ?? [
      'cloudflare.com:443',
      'github.com:443',
    ],
    icmpTargets: parsed(source, ['HEALTH_ICMP_TARGET_IPS', 'HEALTH_ICMP_TARGET_IP'], ips, ['1.1.1.1', '8.8.8.8']),
    smallCheck: text(source, 'HEALTH_SMALL_CHECK_TYPE', 'icmp').toLowerCase(),
    restartVpn: parsed(source, 'HEALTH_RESTART_VPN', parseSwitch, true),
  };
}

function readControl(source: Source): Settings['control'] {
  return {
    address: text(source, 'HTTP_CONTROL_SERVER_ADDRESS', ':8000'),
    log: parsed(source, 'HTTP_CONTROL_SERVER_LOG', parseSwitch, true),
    authFile: text(source, 'HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH', '/gluetun/auth/config.toml'),
    defaultRole: text(source, 'HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE'),
  };
}

function readSystem(source: Source): Settings['system'] {
  const logLevel = text(source, 'LOG_LEVEL', 'info').toLowerCase();
  const puid = parsed(source, ['PUID', 'UID'], parseUint16, 1000);
  const pgid = parsed(source, ['PGID', 'GID'], parseUint16, 1000);
  return { puid, pgid, logLevel };
}

/** Refuses a log level that gluetun does not know, with the line it logs. @throws BadValue */
export function checkLogLevel(settings: Settings): void {
  if (LEVELS.includes(settings.system.logLevel)) return;
  throw new BadValue(`log level: level is not recognized: ${settings.system.logLevel}`);
}
