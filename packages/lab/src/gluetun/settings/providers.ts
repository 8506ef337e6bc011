/** @module What gluetun 3.41.1 asks of each provider for WireGuard, as its recorded answers show. */

/** How a provider treats WIREGUARD_ENDPOINT_PORT. */
export type PortRule = 'required' | 'refused' | 'any' | readonly number[];

/** One provider's rules. */
export interface WireGuardProvider {
  readonly port: PortRule;
  readonly presharedKeyRequired?: true;
  /** Filters beyond country, city and host name that it takes. */
  readonly filters: readonly ('owned' | 'portForward')[];
}

/** Providers with WireGuard, in the order in which gluetun lists them. */
export const wireGuardProviders: Readonly<Record<string, WireGuardProvider>> = {
  airvpn: { port: [1637, 47107], presharedKeyRequired: true, filters: [] },
  custom: { port: 'required', filters: [] },
  fastestvpn: { port: 'refused', filters: [] },
  ivpn: { port: [2049, 2050, 53, 30587, 41893, 48574, 58237], filters: [] },
  mullvad: { port: 'any', filters: ['owned'] },
  nordvpn: { port: 'refused', filters: [] },
  protonvpn: { port: 'refused', filters: ['portForward'] },
  surfshark: { port: 'refused', filters: [] },
  windscribe: { port: [53, 80, 123, 443, 1194, 65142], filters: [] },
};

/** Providers whose servers forward ports. */
export const portForwardProviders = ['perfect privacy', 'private internet access', 'privatevpn', 'protonvpn'];

/** A place of the stand-in's invented server list, the same three for every provider. */
export interface Place {
  readonly country: string;
  readonly city: string;
}

/** The invented list that the recordings were made with. */
export const places: readonly Place[] = [
  { country: 'Canada', city: 'Toronto' },
  { country: 'Netherlands', city: 'Amsterdam' },
  { country: 'Switzerland', city: 'Zurich' },
];
