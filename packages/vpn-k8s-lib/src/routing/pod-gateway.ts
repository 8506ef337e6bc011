/** @module The routing method `pod-gateway`: VXLAN to the gateway, the client's address by DHCP. */
import { hostCidr } from '@vpn-k8s/net';
import type { Container } from 'kubernetes-types/core/v1.js';
import { AGENT_GID, CHARM_UID, CLIENT, GATEWAY, type SideNames } from '../names.ts';
import type { PodParts, RoutingMethod } from './method.ts';

const common = { CHARM_UID: String(CHARM_UID), AGENT_GID: String(AGENT_GID) };

/**
 * What upstream pod-gateway and the Python charms speak: host 1 of a /24 is the gateway, clients lease addresses from host 20 on.
 * Source: angelnu/pod-gateway 1.13.0, config/settings.sh.
 */
export const podGateway: RoutingMethod = {
  name: 'pod-gateway',
  lacks: () => undefined,
  clientSettings: (gateway, openPorts) => ({
    ROUTING_METHOD: 'pod-gateway',
    GATEWAY_NAME: gateway.dnsName,
    K8S_DNS_IPS: gateway.clusterDns,
    CLUSTER_DOMAIN: gateway.clusterDomain,
    NOT_ROUTED_TO_GATEWAY_CIDRS: gateway.clusterCidrs.join(' '),
    VXLAN_ID: String(gateway.vni),
    VXLAN_PORT: String(gateway.vxlanPort),
    VXLAN_IP_NETWORK: gateway.overlay,
    VXLAN_GATEWAY_IP: `${gateway.overlay}.1`,
    VXLAN_MTU: gateway.mtu === undefined ? '' : String(gateway.mtu),
    OPEN_PORTS: openPorts.join(' '),
    ...common,
  }),
  gatewaySettings: (side) => ({
    ROUTING_METHOD: 'pod-gateway',
    VXLAN_ID: String(side.vni),
    VXLAN_PORT: String(side.vxlanPort),
    VXLAN_IP_NETWORK: side.overlay,
    VXLAN_GATEWAY_FIRST_DYNAMIC_IP: '20',
    VXLAN_MTU: side.mtu === undefined ? '' : String(side.mtu),
    VPN_INTERFACE: side.tunnel,
    TUNNEL_DNS_IPS: side.tunnelDns.join(' '),
    K8S_DNS_IPS: side.clusterDns.join(' '),
    CLUSTER_DOMAIN: side.clusterDomain,
    CLUSTER_CIDRS: side.clusterCidrs.join(' '),
    CLIENT_NAMES: side.clientNames.join(' '),
    OPEN_PORTS: side.openPorts.join(' '),
    ...common,
  }),
  clientPod: (image, configMap) =>
    parts(CLIENT, image, configMap, {
      init: { securityContext: netAdmin },
      sidecar: { securityContext: netAdmin },
    }),
  gatewayPod: (image, configMap) =>
    parts(GATEWAY, image, configMap, {
      // Why privileged: it switches ip_forward on, and /proc/sys is read-only for everybody else.
      init: { securityContext: { runAsUser: 0, runAsGroup: AGENT_GID, privileged: true } },
      sidecar: { securityContext: resolver, ports: SERVED },
    }),
  clientEgress: ({ app, namespace, ips, vxlanPort }) => {
    const ports = [{ protocol: 'UDP', port: vxlanPort }];
    const bySelector = namespace && {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector: { matchLabels: { 'app.kubernetes.io/name': app } },
    };
    const to = [...(bySelector ? [bySelector] : []), ...ips.map((ip) => ({ ipBlock: { cidr: hostCidr(ip) } }))];
    return to.length > 0 ? [{ to, ports }] : [];
  },
};

/** Why NET_RAW: arping and iptables-legacy open raw sockets. */
const netAdmin = {
  runAsUser: 0,
  runAsGroup: AGENT_GID,
  capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
};

/** The gateway's sidecar also serves DHCP and DNS on ports below 1024, and dnsmasq changes its user. */
const resolver = {
  ...netAdmin,
  capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_BIND_SERVICE', 'NET_RAW', 'SETGID', 'SETUID'] },
};

const SERVED = [
  { name: 'dhcp', containerPort: 67, protocol: 'UDP' },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];

type Particular = Pick<Container, 'securityContext' | 'ports'>;

function parts(
  names: SideNames,
  image: string,
  configMap: string,
  particular: { init: Particular; sidecar: Particular },
): PodParts {
  const volumeMounts = [{ name: names.volume, mountPath: '/config' }];
  const shell = (script: string) => ['/bin/sh', '-c', script];
  return {
    init: { name: names.init, image, command: shell(runInit(names.initScript)), volumeMounts, ...particular.init },
    sidecar: {
      name: names.sidecar,
      image,
      command: shell(runSidecar(names.sidecarScript)),
      volumeMounts,
      ...particular.sidecar,
    },
    // Why optional: a pod that waits for a ConfigMap that is gone would lock the charm out; without scripts the proof is missing instead.
    volume: { name: names.volume, configMap: { name: configMap, optional: true } },
  };
}

/** An init that cannot keep the pod from starting: without its script it says so and ends well. */
function runInit(script: string): string {
  return `[ -r /config/${script} ] && exec /bin/sh /config/${script}; echo 'no /config/${script}: this pod is not protected'`;
}

/** A sidecar without its script waits for it, and ends at once when it is told to. */
function runSidecar(script: string): string {
  const wait = `until [ -r /config/${script} ]; do sleep 5 & wait $!; done`;
  return `trap 'exit 0' TERM; ${wait}; exec /bin/sh /config/${script}`;
}
