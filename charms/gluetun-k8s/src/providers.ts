/**
 * @module VPN providers and what gluetun 3.41.1 asks of each.
 *
 * Source: gluetun's own validation, as recorded in packages/lab/fixtures/gluetun/settings-wireguard.json.
 */

/** Options of config.yaml that a provider may need. */
export type ProviderOption =
  | 'wireguard-addresses'
  | 'wireguard-endpoint-ip'
  | 'wireguard-endpoint-port'
  | 'wireguard-public-key';

/** Options that choose among a provider's servers. */
export type ServerOption = 'server-countries' | 'server-cities' | 'server-hostnames';

/** WireGuard with one provider. */
export interface WireGuardRules {
  readonly required: readonly ProviderOption[];
  /** `required`, `refused`, `any`, or the ports to choose from. */
  readonly port: 'required' | 'refused' | 'any' | readonly number[];
  readonly presharedKey: 'required' | 'optional';
  /** UDP ports of its servers when none is chosen; the gateway's policy lets these out. */
  readonly usualPort: number;
}

/** One provider. */
export interface Provider {
  /** Value of VPN_SERVICE_PROVIDER. */
  readonly name: string;
  readonly wireguard?: WireGuardRules;
  readonly servers: readonly ServerOption[];
}

const anywhere: readonly ServerOption[] = ['server-countries', 'server-cities', 'server-hostnames'];

/** Providers by the value of the option vpn-provider. */
export const providers: Readonly<Record<string, Provider>> = {
  custom: {
    name: 'custom',
    wireguard: {
      required: ['wireguard-endpoint-ip', 'wireguard-endpoint-port', 'wireguard-public-key', 'wireguard-addresses'],
      port: 'required',
      presharedKey: 'optional',
      usualPort: 51820,
    },
    servers: [],
  },
  mullvad: {
    name: 'mullvad',
    wireguard: { required: ['wireguard-addresses'], port: 'any', presharedKey: 'optional', usualPort: 51820 },
    servers: anywhere,
  },
  protonvpn: {
    name: 'protonvpn',
    wireguard: { required: [], port: 'refused', presharedKey: 'optional', usualPort: 51820 },
    servers: anywhere,
  },
};
