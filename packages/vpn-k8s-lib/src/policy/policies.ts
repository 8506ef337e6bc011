/** @module The NetworkPolicies of a client and of a gateway. A CiliumNetworkPolicy beside them will be another function here. */
import type { Cidr } from '@vpn-k8s/net';
import type { NetworkPolicy, NetworkPolicyEgressRule } from 'kubernetes-types/networking/v1.js';
import { gatewayPolicy, killSwitch } from '../names.ts';
import type { TunnelEndpoint } from '../provider/options.ts';
import type { OverlayPeer, RoutingMethod } from '../routing/method.ts';
import { block, type ControlPlane, clusterRule, dnsRule, endpointRules } from './egress.ts';

/** What a client's policy lets out besides the control plane; undefined while no gateway is known. */
export interface Through {
  readonly method: RoutingMethod;
  readonly peer: OverlayPeer;
  readonly clusterCidrs: readonly Cidr[];
}

/**
 * The kill switch `<app>-vpn-killswitch`: egress to the gateway, the cluster, its DNS, the API server and the Juju controller,
 * and to nothing else; without a gateway only the last three.
 */
export function killSwitchPolicy(app: string, plane: ControlPlane, through: Through | undefined): NetworkPolicy {
  const overlay = through ? [...through.method.clientEgress(through.peer), clusterRule(through.clusterCidrs)] : [];
  return egressPolicy(killSwitch(app), app, [...overlay, ...controlPlane(plane)]);
}

/** The gateway's own policy: egress to the VPN server, the cluster, its DNS, the API server and the Juju controller. */
export function ownPolicy(
  app: string,
  plane: ControlPlane,
  clusterCidrs: readonly Cidr[],
  endpoints: readonly TunnelEndpoint[],
): NetworkPolicy {
  const tunnel = endpoints.map(({ address, port, protocol }) => ({
    to: address === null ? ANYWHERE : [block(address as Cidr)],
    ports: [{ protocol, port }],
  }));
  return egressPolicy(gatewayPolicy(app), app, [...tunnel, clusterRule(clusterCidrs), ...controlPlane(plane)]);
}

/** Where the provider's list chooses the server, only the port can be named. */
const ANYWHERE = ['0.0.0.0/0', '::/0'].map((cidr) => block(cidr as Cidr));

function controlPlane({ dns, apiServers, controllers }: ControlPlane): NetworkPolicyEgressRule[] {
  return [dnsRule(dns), ...endpointRules([...apiServers, ...controllers])];
}

function egressPolicy(name: string, app: string, egress: NetworkPolicyEgressRule[]): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: { podSelector: { matchLabels: { 'app.kubernetes.io/name': app } }, policyTypes: ['Egress'], egress },
  };
}
