/**
 * @module The oracle: the ISP counts each packet that comes from a pod and is neither the gateway's tunnel nor exempt.
 *
 * It reads sources as they leave the node, which translates nothing, so a leak names the pod that caused it.
 */

import { addresses } from './addresses.ts';
import { type CommandRunner, inNamespace } from './ip.ts';
import { namespacePath, namespaces } from './node.ts';

/** Packets of one source, destination and protocol that went past the node outside the tunnel. */
export interface LeakedFlow {
  readonly source: string;
  readonly destination: string;
  /** Name or number as nft(8) prints it, e.g. `tcp`. */
  readonly protocol: string;
  readonly packets: number;
}

/** What the ISP saw: packets in the clear, and VXLAN towards an address that no pod has (the node sends it on). */
export interface Leaks {
  readonly clear: number;
  readonly encapsulated: number;
  readonly flows: readonly LeakedFlow[];
}

const ENTER = inNamespace(namespacePath(namespaces.isp));

/**
 * First match wins: own traffic of the node, the tunnel, exempt pods, dead VXLAN, then everything else is a leak.
 * To the VPN server a kernel may also say that WireGuard's port is closed, which tells it nothing it does not know.
 * Sources `::` and fe80::/10 are the node's own neighbour discovery: they are never forwarded (RFC 4291 2.5.2, 2.5.6).
 */
const RULES = `
table inet oracle {
  set exempt { type ipv4_addr; }
  set flows { type ipv4_addr . ipv4_addr . inet_proto; flags dynamic; size 65536; counter; }
  counter clear { }
  counter encapsulated { }
  chain uplink {
    type filter hook prerouting priority raw; policy accept;
    iifname != "node0" accept
    ip saddr ${addresses.node} accept
    ip daddr ${addresses.vpnServer} udp dport ${addresses.vpnPort} accept
    ip daddr ${addresses.vpnServer} icmp type destination-unreachable accept
    ip saddr @exempt accept
    ip daddr ${addresses.podCidr} meta l4proto udp counter name encapsulated drop
    meta nfproto ipv4 counter name clear update @flows { ip saddr . ip daddr . ip protocol }
    ip6 saddr { ::, fe80::/10 } accept
    meta nfproto ipv6 counter name clear
  }
}
`;

/** Counts at the ISP; `read` is the sum since the lab started, so that a step is a difference of two reads. */
export class Oracle {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
    commands.run([...ENTER, 'nft', '-f', '-'], RULES);
  }

  /** Takes a pod that may talk to the internet by itself (the cluster's DNS) out of the count. */
  exempt(address: string): void {
    this.#commands.run([...ENTER, 'nft', 'add', 'element', 'inet', 'oracle', 'exempt', `{ ${address} }`]);
  }

  /** Counters and flows since the start. @throws CommandFailed */
  async read(): Promise<Leaks> {
    return parseOracle(await this.#commands.read([...ENTER, 'nft', '-j', 'list', 'table', 'inet', 'oracle']));
  }

  /** The same once nothing more is on its way: two reads 50 ms apart that agree. Only for senders that have stopped. */
  async settled(): Promise<Leaks> {
    let last = await this.read();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const next = await this.read();
      if (next.clear === last.clear && next.encapsulated === last.encapsulated) return next;
      last = next;
    }
  }
}

interface NftItem {
  counter?: { name: string; packets: number };
  set?: { name: string; elem?: { elem: { val: { concat: string[] }; counter: { packets: number } } }[] };
}

/** Reads `nft -j list table inet oracle` (libnftables-json(5)). */
export function parseOracle(json: string): Leaks {
  const { nftables } = JSON.parse(json) as { nftables: NftItem[] };
  const counted = (name: string) => nftables.find((item) => item.counter?.name === name)?.counter?.packets ?? 0;
  const elements = nftables.find((item) => item.set?.name === 'flows')?.set?.elem ?? [];
  const flows = elements.map(({ elem }) => {
    const [source = '', destination = '', protocol = ''] = elem.val.concat;
    return { source, destination, protocol, packets: elem.counter.packets };
  });
  return { clear: counted('clear'), encapsulated: counted('encapsulated'), flows };
}
