/** @module What the gateway's charm tells the library. */

/** Where the tunnel's own packets go: the only destinations outside the cluster that the gateway's policy lets out. */
export interface TunnelEndpoint {
  /** Address of the VPN server; null when the provider's list decides, then the port alone is allowed. */
  readonly address: string | null;
  readonly port: number;
  readonly protocol: 'UDP' | 'TCP';
}

/** The state of the tunnel as the charm's own probe sees it now. */
export interface TunnelView {
  readonly connected: boolean;
  readonly externalIp: string | null;
  /** Country and city of the exit, e.g. `Netherlands, Amsterdam`. */
  readonly location?: string;
  /** Ports forwarded per client application name. */
  readonly forwardedPorts?: Readonly<Record<string, readonly number[]>>;
  /** Missing or empty: nothing but the cluster may be reached outside the tunnel. */
  readonly endpoints?: readonly TunnelEndpoint[];
}

/** Options of {@link VPNGatewayProvider}. */
export interface ProviderOptions {
  /** Endpoint name in the charm's metadata, e.g. `vpn-gateway`. */
  readonly relation: string;
  /** Container that makes the tunnel, e.g. `gluetun`. */
  readonly container: string;
  /** Interface of the tunnel, e.g. `tun0`. */
  readonly tunnel: string;
  /** Ranges of the cluster (pods, services, nodes), comma- or blank-separated; from the charm's configuration. */
  readonly clusterCidrs: string;
  /** Address of the cluster's resolver; discovered when missing. */
  readonly clusterDnsIp?: string;
  /** 42 by default. */
  readonly vxlanId?: number;
  /** 4790 by default; 8472 is what the oldest clients use. */
  readonly vxlanPort?: number;
  /** First three octets of the overlay, `172.16.0` by default. */
  readonly vxlanNetwork?: string;
  /**
   * Resolvers that the overlay's DNS asks through the tunnel, comma- or blank-separated; 127.0.0.1 (the VPN program's own) by
   * default. The agent's probe of the tunnel asks them too.
   */
  readonly tunnelDnsIps?: string;
  /** `cluster.local` by default. */
  readonly clusterDomain?: string;
  /** TCP ports of the gateway's pod that take new connections from the cluster (metrics). */
  readonly openPorts?: readonly number[];
  /** How the container gets `/dev/net/tun`: `device` mounts the node's (default), `privileged` runs it privileged, `none` leaves it alone. */
  readonly tunnelAccess?: 'device' | 'privileged' | 'none';
  readonly agentImage?: string;
  readonly agentDir?: string | URL;
}
