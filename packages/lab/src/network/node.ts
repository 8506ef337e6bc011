/**
 * @module The lab's network outside the pods.
 *
 *     pod (netns)  ---- veth ----  node (this process)  ---- uplink ----  isp  ----  vpn server 203.0.113.5
 *     10.1.0.x/32                  192.168.1.10                            \-------  web, dns   198.51.100.80
 *
 * The ISP's counter on the uplink is the oracle: what a pod gets past the node outside the tunnel is counted there.
 */

import { addresses } from './addresses.ts';
import { type CommandRunner, inNamespace } from './ip.ts';

/** Names of the namespaces beyond the node, in /run/netns. */
export const namespaces = { isp: 'isp', vpn: 'vpn', web: 'web' } as const;

/** The path of a named network namespace, for `nsenter --net=`. */
export function namespacePath(name: string): string {
  return `/run/netns/${name}`;
}

const UPLINK = `
ip netns add isp
ip netns add vpn
ip netns add web
ip link add eth0 type veth peer name node0 netns isp
ip link add vpn0 netns isp type veth peer name eth0 netns vpn
ip link add web0 netns isp type veth peer name eth0 netns web
ip addr add ${addresses.node}/24 dev eth0
ip link set eth0 up
ip route add default via ${addresses.router}
ip -n isp link set lo up
ip -n isp addr add ${addresses.router}/24 dev node0
ip -n isp addr add ${addresses.ispExit}/24 dev vpn0
ip -n isp addr add 198.51.100.1/24 dev web0
ip -n isp link set node0 up
ip -n isp link set vpn0 up
ip -n isp link set web0 up
ip -n isp route add ${addresses.podCidr} via ${addresses.node}
ip -n vpn link set lo up
ip -n vpn addr add ${addresses.vpnServer}/24 dev eth0
ip -n vpn link set eth0 up
ip -n vpn route add default via ${addresses.ispExit}
ip -n web link set lo up
ip -n web addr add ${addresses.echo}/24 dev eth0
ip -n web link set eth0 up
ip -n web route add default via 198.51.100.1
`;

/** Builds node, ISP, VPN server's and web's namespaces; the ISP translates the node's clear traffic to its own address. */
export function buildNetwork(commands: CommandRunner): void {
  commands.lines(UPLINK);
  forward(commands, []);
  for (const name of [namespaces.isp, namespaces.vpn]) forward(commands, inNamespace(namespacePath(name)));
  const nat = `add table ip isp
add chain ip isp post { type nat hook postrouting priority srcnat; }
add rule ip isp post iifname "node0" snat to ${addresses.ispExit}`;
  commands.run([...inNamespace(namespacePath(namespaces.isp)), 'nft', '-f', '-'], nat);
}

function forward(commands: CommandRunner, prefix: string[]): void {
  for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']) {
    commands.run([...prefix, 'sysctl', '-qw', `${key}=1`]);
  }
}
