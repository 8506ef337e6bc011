/** @module What a routing method is: one file with this shape. */
import type { Ip, Label, Port, Settings } from '@vpn-k8s/net';
import type { Container, Volume } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicyEgressRule } from 'kubernetes-types/networking/v1.js';
import type { Gateway } from '../relation/gateway.ts';

/** What a method puts into a pod. */
export interface PodParts {
  readonly init: Container;
  readonly sidecar: Container;
  readonly volume: Volume;
}

/** What the gateway side of a method needs to know. */
export interface GatewaySide {
  readonly vni: number;
  readonly vxlanPort: number;
  readonly overlay: string;
  readonly mtu: number | undefined;
  readonly tunnel: string;
  /** Asked for all names but the cluster's, through the tunnel. */
  readonly tunnelDns: readonly Ip[];
  readonly clusterDns: readonly Ip[];
  readonly clusterDomain: string;
  readonly clusterCidrs: readonly string[];
  /** Headless names of the related applications; they change while the gateway runs and are not part of the hash. */
  readonly clientNames: readonly string[];
  readonly openPorts: readonly Port[];
}

/** A way to bring a client's packets to the gateway. */
export interface RoutingMethod {
  /** Its name in the relation. */
  readonly name: string;
  /** What the relation does not say though this method needs it, as a sentence; undefined when all is there. */
  lacks(gateway: Gateway): string | undefined;
  /** Settings of the client's agent, without the hash. */
  clientSettings(gateway: Gateway, openPorts: readonly Port[]): Settings;
  clientPod(image: string, configMap: string): PodParts;
  /** Settings of the gateway's agent, without the hash. */
  gatewaySettings(side: GatewaySide): Settings;
  gatewayPod(image: string, configMap: string): PodParts;
  /** What a client's policy must let out for the overlay itself. */
  clientEgress(gateway: OverlayPeer): NetworkPolicyEgressRule[];
}

/** The other end of the overlay, for a policy. */
export interface OverlayPeer {
  readonly app: Label;
  readonly namespace: Label | undefined;
  readonly ips: readonly Ip[];
  readonly vxlanPort: Port;
}
