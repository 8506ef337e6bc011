/** @module What a client's charm tells the library. */

/** Values that override what the relation or discovery says; they come from the charm's own configuration. */
export interface RequirerOverrides {
  /** Toolbox image of the agent; `ghcr.io/angelnu/pod-gateway:v1.13.0` by default. Pin by digest where it matters. */
  readonly agentImage?: string;
  /** Ranges that stay outside the tunnel, comma- or blank-separated; replaces the gateway's list. */
  readonly clusterCidrs?: string;
  /** Address of the cluster's resolver; replaces the gateway's. */
  readonly clusterDnsIp?: string;
  /** The workload's image needs raw sockets: NET_RAW stays, and the lock claims nothing about raw frames. */
  readonly allowRaw?: boolean;
  /** Folder of the agent's scripts; beside the bundle by default. */
  readonly agentDir?: string | URL;
}

/** Options of {@link VPNGatewayRequirer}. */
export interface RequirerOptions {
  /** Endpoint name in the charm's metadata, e.g. `vpn-gateway`. */
  readonly relation: string;
  /** Containers whose services are stopped while the pod is not proven to be locked. */
  readonly workload: readonly string[];
  /** The workload must never run without the VPN; false only in the charm's unsafe mode. */
  readonly required: boolean;
  /** TCP ports of the pod that take new connections from the cluster (Web UI). Pebble's probe ports are added by the library. */
  readonly openPorts: readonly number[];
  /** How many forwarded ports the workload wants; 0 by default. */
  readonly forwardPorts?: number;
  readonly config?: RequirerOverrides;
}
