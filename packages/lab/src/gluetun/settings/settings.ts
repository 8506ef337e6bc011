/** @module The settings of gluetun 3.41.1 as far as the stand-in knows them. */

/** What a provider's server is chosen by. Lists are null when unset, as the control server shows them. */
export interface Selection {
  readonly countries: readonly string[] | null;
  readonly categories: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly cities: readonly string[] | null;
  readonly isps: readonly string[] | null;
  readonly names: readonly string[] | null;
  readonly numbers: readonly number[] | null;
  readonly hostnames: readonly string[] | null;
  readonly ownedOnly: boolean;
  readonly freeOnly: boolean;
  readonly premiumOnly: boolean;
  readonly streamOnly: boolean;
  readonly multiHopOnly: boolean;
  readonly portForwardOnly: boolean;
  readonly secureCoreOnly: boolean;
  readonly torOnly: boolean;
  readonly endpointIp: string;
  readonly endpointPort: number;
  readonly publicKey: string;
}

/** WIREGUARD_* and VPN_INTERFACE. */
export interface WireGuardSettings {
  readonly privateKey: string;
  readonly presharedKey: string;
  readonly addresses: readonly string[];
  readonly allowedIps: readonly string[];
  readonly interface: string;
  readonly keepaliveMs: number;
  readonly mtu: number;
  readonly implementation: string;
}

/** VPN_PORT_FORWARDING*. */
export interface PortForwardSettings {
  readonly enabled: boolean;
  readonly provider: string;
  readonly statusFile: string;
  readonly upCommand: string;
  readonly downCommand: string;
  readonly listeningPort: number;
  readonly username: string;
  readonly password: string;
}

/** Everything, read once at start. */
export interface Settings {
  readonly vpnType: string;
  readonly provider: string;
  readonly selection: Selection;
  readonly wireguard: WireGuardSettings;
  readonly portForward: PortForwardSettings;
  readonly openvpn: { readonly customConfig: string };
  readonly dns: {
    readonly serverEnabled: boolean;
    readonly address: string;
    readonly keepNameserver: boolean;
    readonly upstreamType: string;
    readonly upstreamResolvers: readonly string[];
    readonly updatePeriodMs: number;
  };
  readonly firewall: {
    readonly enabled: boolean;
    readonly outboundSubnets: readonly string[];
    readonly inputPorts: readonly number[];
    readonly vpnInputPorts: readonly number[];
  };
  readonly health: {
    readonly address: string;
    readonly targets: readonly string[];
    readonly icmpTargets: readonly string[];
    readonly smallCheck: string;
    readonly restartVpn: boolean;
  };
  readonly control: {
    readonly address: string;
    readonly log: boolean;
    readonly authFile: string;
    readonly defaultRole: string;
  };
  readonly publicIp: { readonly enabled: boolean; readonly api: string; readonly file: string };
  readonly system: { readonly puid: number; readonly pgid: number; readonly logLevel: string };
  readonly storageFile: string;
}
