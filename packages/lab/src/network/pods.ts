/** @module The pods' network as Calico makes it: a /32 for each pod, a route on the node, 169.254.1.1 as gateway. */

import { addresses } from './addresses.ts';
import type { CommandRunner } from './ip.ts';
import { namespacePath } from './node.ts';

/** A pod's end of the network: the namespace to run its containers in, and its address. */
export interface PodLink {
  /** Path for `nsenter --net=`, e.g. `/run/netns/vpn-gluetun-0`. */
  readonly netns: string;
  /** IPv4 address without prefix, e.g. `10.1.0.7`. */
  readonly address: string;
  /** The node's end of the veth pair, e.g. `cali7`. */
  readonly hostInterface: string;
}

/** A pod MAC that the node's gateway uses, the same on every link, as Calico does. */
const GATEWAY_MAC = 'ee:ee:ee:ee:ee:ee';

/** Gives pods their namespace, link and address; an address is not handed out again until the range is used up. */
export class PodNetwork {
  readonly #commands: CommandRunner;
  readonly #links = new Map<string, PodLink>();
  #last = 0;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  /** Links of the pods that are attached now, by pod key. */
  links(): ReadonlyMap<string, PodLink> {
    return this.#links;
  }

  /**
   * Makes the namespace and link of a pod. The key is `<namespace>/<pod>` or any other name that is unique among living pods.
   * @throws CommandFailed when the namespace exists already
   */
  attach(pod: string): PodLink {
    this.#last += 1;
    const number = this.#last;
    const name = `${pod.replaceAll(/[^a-z0-9-]/g, '-')}-${number}`;
    const address = `10.1.${Math.floor(number / 250) % 256}.${(number % 250) + 2}`;
    const hostInterface = `cali${number}`;
    this.#commands.lines(linkCommands(name, address, hostInterface));
    const link = { netns: namespacePath(name), address, hostInterface };
    this.#links.set(pod, link);
    return link;
  }

  /** Takes a pod's link and namespace away; a pod that is not attached is left as it is. */
  detach(pod: string): void {
    const link = this.#links.get(pod);
    if (!link) return;
    this.#links.delete(pod);
    this.#commands.lines(`ip link del ${link.hostInterface}\nip netns del ${link.netns.split('/').at(-1)}`);
  }
}

function linkCommands(name: string, address: string, host: string): string {
  return `
ip netns add ${name}
ip link add ${host} address ${GATEWAY_MAC} type veth peer name eth0 netns ${name}
ip link set ${host} up
ip route add ${address}/32 dev ${host}
echo 1 > /proc/sys/net/ipv4/conf/${host}/proxy_arp
echo 0 > /proc/sys/net/ipv4/neigh/${host}/proxy_delay
echo 1 > /proc/sys/net/ipv4/conf/${host}/rp_filter
ip -n ${name} link set lo up
ip -n ${name} addr add ${address}/32 dev eth0
ip -n ${name} link set eth0 up
ip -n ${name} route add ${addresses.podGateway} dev eth0 scope link
ip -n ${name} route add default via ${addresses.podGateway} dev eth0
`;
}
