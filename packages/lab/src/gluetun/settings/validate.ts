/** @module Refuses settings that gluetun 3.41.1 refuses, in its words; this happens after its firewall is closed (recorded). */

import { BadValue, checkKey, checkListen, oneOf, orList, within } from './go.ts';
import { type PortRule, places, portForwardProviders, wireGuardProviders } from './providers.ts';
import type { Settings } from './settings.ts';

/** What the check needs to know about the pod. */
export interface Surroundings {
  readonly ipv6: boolean;
}

/**
 * Checks all settings. OpenVPN's own are not checked: the stand-in does not do OpenVPN yet.
 * @throws BadValue with the line that gluetun logs after `ERROR `
 */
export function validate(settings: Settings, around: Surroundings): void {
  within('control server settings', () => checkControl(settings));
  within('dns settings', () => checkDns(settings));
  within('firewall settings', () => checkFirewall(settings));
  within('health settings', () => checkHealth(settings));
  within('public ip check settings', () => checkPublicIp(settings));
  within('VPN settings', () => checkVpn(settings, around));
}

function checkVpn(settings: Settings, around: Surroundings): void {
  within('VPN type is not valid', () => oneOf(settings.vpnType, ['openvpn', 'wireguard']));
  if (settings.vpnType !== 'wireguard') return;
  within('provider settings', () => checkProvider(settings));
  within('Wireguard settings', () => checkWireGuard(settings, around));
}

function checkProvider(settings: Settings): void {
  const names = Object.keys(wireGuardProviders);
  within('VPN provider name is not valid for Wireguard', () => oneOf(settings.provider, names));
  within('server selection', () => {
    checkPlaces(settings);
    within('Wireguard server selection settings', () => checkEndpoint(settings));
  });
  within('port forwarding', () => checkPortForward(settings));
}

function checkPlaces({ provider, selection }: Settings): void {
  within(`for VPN service provider ${provider}`, () => {
    const own = provider === 'custom' ? [] : places;
    checkChoice(
      'country',
      selection.countries,
      own.map((place) => place.country),
    );
    checkChoice(
      'city',
      selection.cities,
      own.map((place) => place.city),
    );
    const filters = wireGuardProviders[provider]?.filters ?? [];
    if (selection.ownedOnly && !filters.includes('owned')) throw new BadValue('owned only filter is not supported');
    if (selection.portForwardOnly && !filters.includes('portForward')) {
      throw new BadValue('port forwarding only filter is not supported');
    }
  });
}

function checkChoice(what: string, given: readonly string[] | null, choices: readonly string[]): void {
  if (!given) return;
  within(`the ${what} specified is not valid`, () => {
    if (choices.length === 0) throw new BadValue('one or more values is set but there is no possible value available');
    const known = choices.map((choice) => choice.toLowerCase());
    for (const value of given.map((item) => item.toLowerCase())) {
      if (known.includes(value)) continue;
      const list = `none of ${value} is one of the choices available ${choices.join(', ')}`;
      throw new BadValue(`value is not one of the possible choices: ${list}`);
    }
  });
}

function checkEndpoint({ provider, selection }: Settings): void {
  if (provider === 'custom' && !selection.endpointIp) throw new BadValue('endpoint IP is not set');
  checkPort(provider, selection.endpointPort, wireGuardProviders[provider]?.port ?? 'any');
  if (selection.publicKey)
    within(`public key is not valid: ${selection.publicKey}`, () => checkKey(selection.publicKey));
  else if (provider === 'custom') throw new BadValue('public key is not set');
}

function checkPort(provider: string, port: number, rule: PortRule): void {
  if (rule === 'required' && port === 0) throw new BadValue('endpoint port is not set');
  if (rule === 'refused' && port !== 0) throw new BadValue('endpoint port is set');
  if (typeof rule === 'string' || port === 0) return;
  within(`endpoint port is not allowed: for VPN service provider ${provider}`, () => oneOf(port, rule));
}

function checkPortForward({ portForward, provider }: Settings): void {
  if (!portForward.enabled) return;
  const by = portForward.provider || provider;
  within('port forwarding cannot be enabled', () => oneOf(by, portForwardProviders));
  if (by !== 'private internet access') return;
  if (!portForward.username) throw new BadValue('port forwarding username is empty');
  if (!portForward.password) throw new BadValue('port forwarding password is empty');
}

function checkWireGuard({ provider, wireguard }: Settings, around: Surroundings): void {
  if (!wireguard.privateKey) throw new BadValue('private key is not set');
  within('private key is not valid', () => checkKey(wireguard.privateKey));
  if (wireguard.presharedKey) within('pre-shared key is not valid', () => checkKey(wireguard.presharedKey));
  else if (wireGuardProviders[provider]?.presharedKeyRequired) throw new BadValue('pre-shared key is not set');
  checkAddresses(wireguard.addresses, around);
  if (wireguard.keepaliveMs < 0) {
    throw new BadValue(`persistent keep alive interval is negative: ${wireguard.keepaliveMs / 1000}s`);
  }
  if (!/^[a-zA-Z0-9_]+$/.test(wireguard.interface)) {
    throw new BadValue(`interface name is not valid: '${wireguard.interface}' does not match regex '^[a-zA-Z0-9_]+$'`);
  }
  within('implementation is not valid', () => oneOf(wireguard.implementation, ['auto', 'userspace', 'kernelspace']));
}

function checkAddresses(addresses: readonly string[], around: Surroundings): void {
  if (addresses.length === 0) throw new BadValue('interface address is not set');
  const six = addresses.find((address) => address.includes(':'));
  if (six && !around.ipv6) throw new BadValue(`interface address is IPv6 but IPv6 is not supported: address ${six}`);
}

const RESOLVERS = ['cira family', 'cira private', 'cira protected', 'cleanbrowsing adult', 'cleanbrowsing family']
  .concat(['cleanbrowsing security', 'cloudflare', 'cloudflare family', 'cloudflare security', 'google', 'libredns'])
  .concat(['opendns', 'quad9', 'quad9 secured', 'quad9 unsecured', 'quadrant']);

function checkDns({ dns }: Settings): void {
  if (!['dot', 'doh', 'plain'].includes(dns.upstreamType)) {
    throw new BadValue(`DNS upstream type is not valid: ${dns.upstreamType}`);
  }
  if (dns.updatePeriodMs > 0 && dns.updatePeriodMs < 30_000) {
    throw new BadValue(`update period is too short: ${dns.updatePeriodMs / 1000}s must be bigger than 30s`);
  }
  const unknown = dns.upstreamResolvers.find((name) => !RESOLVERS.includes(name.toLowerCase()));
  if (unknown) throw new BadValue(`provider does not match any known providers: ${unknown}`);
}

function checkFirewall({ firewall }: Settings): void {
  if (firewall.vpnInputPorts.includes(0)) throw new BadValue('VPN input ports: cannot have a zero port');
  if (firewall.inputPorts.includes(0)) throw new BadValue('input ports: cannot have a zero port');
  const open = firewall.outboundSubnets.find((subnet) => /^(0\.0\.0\.0|::)\//.test(subnet));
  if (open) throw new BadValue(`outbound subnet has an unspecified address: ${open}`);
}

function checkHealth({ health }: Settings): void {
  within('server listening address is not valid: splitting host and port', () => checkListen(health.address));
  if (health.icmpTargets.length > 1 && health.icmpTargets.some((ip) => ip === '0.0.0.0' || ip === '::')) {
    const rule = 'only a single IP address must be set if it is to be unspecified';
    throw new BadValue(`ICMP target IP addresses are not compatible: ${rule}`);
  }
  within('small check type is not valid', () => oneOf(health.smallCheck, ['icmp', 'dns']));
}

function checkControl({ control }: Settings): void {
  within('listening address is not valid', () => checkListen(control.address));
}

const APIS = ['cloudflare', 'ifconfigco', 'ip2location', 'ipinfo'];

function checkPublicIp({ publicIp }: Settings): void {
  if (!publicIp.enabled || APIS.includes(publicIp.api) || publicIp.api.startsWith('echoip#')) return;
  const known = [...APIS.map((name) => `"${name}"`), 'a custom echoip# url'];
  throw new BadValue(`API name: API name is not valid: "${publicIp.api}" can only be ${orList(known)}`);
}
