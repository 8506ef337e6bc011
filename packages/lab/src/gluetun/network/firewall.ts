/** @module gluetun 3.41.1's firewall: the recorded rules in the recorded order, and the flush that opens it when its start fails. */

import { existsSync, readFileSync } from 'node:fs';
import type { Log } from '../log.ts';
import { run, runLine, works } from './command.ts';
import type { LocalNetwork, PodNetwork } from './surroundings.ts';

/** User rules, run last when the firewall starts. */
export const POST_RULES = '/iptables/post-rules.txt';

/** Where the tunnel's own packets go. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The first lines of the filter table: policies, loopback, replies, local networks. Both families unless told by the tool. */
export function baseRules(locals: readonly LocalNetwork[]): string[] {
  const both = (rule: string) => [`iptables ${rule}`, `ip6tables ${rule}`];
  const seen = new Set<string>();
  const outward = locals.flatMap((local) => {
    const multicast = seen.has(local.interface)
      ? []
      : [`ip6tables -A OUTPUT -o ${local.interface} -d ff02::1:ff00:0/104 -j ACCEPT`];
    seen.add(local.interface);
    return [
      `${tool(local)} -A OUTPUT -o ${local.interface} -s ${local.address} -d ${local.range} -j ACCEPT`,
      ...multicast,
    ];
  });
  return [
    ...['INPUT', 'OUTPUT', 'FORWARD'].map((chain) => `iptables --policy ${chain} DROP`),
    ...['INPUT', 'OUTPUT', 'FORWARD'].map((chain) => `ip6tables --policy ${chain} DROP`),
    ...both('-A INPUT -i lo -j ACCEPT'),
    ...both('-A OUTPUT -o lo -j ACCEPT'),
    ...both('-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT'),
    ...both('-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT'),
    ...outward,
    ...locals.map((local) => `${tool(local)} -A INPUT -i ${local.interface} -d ${local.range} -j ACCEPT`),
  ];
}

function tool(local: { readonly family: 4 | 6 }): string {
  return local.family === 4 ? 'iptables' : 'ip6tables';
}

/** What 3.41.1 does when its firewall cannot start: everything open. */
const OPEN = ['iptables', 'ip6tables'].flatMap((name) => [
  `${name} --flush`,
  `${name} --delete-chain`,
  ...['INPUT', 'OUTPUT', 'FORWARD'].map((chain) => `${name} --policy ${chain} ACCEPT`),
]);

/** The lines of a post-rules file that gluetun runs: those that begin with a tool's name, split at blanks. */
export function postRules(text: string): string[] {
  return text.split('\n').filter((line) => /^ip6?tables(-nft|-legacy)? /.test(line));
}

/** The pod's filter table as gluetun keeps it. */
export class Firewall {
  readonly #log: Log;
  readonly #network: PodNetwork;
  readonly #ipv6: boolean;
  readonly #enabled: boolean;
  #endpoint: Endpoint | undefined;

  constructor(log: Log, network: PodNetwork, enabled: boolean) {
    this.#log = log;
    this.#network = network;
    this.#enabled = enabled;
    this.#ipv6 = works(['ip6tables', '-L', 'INPUT', '-n']);
  }

  /** Closes the pod. When any rule is refused it opens everything, as recorded, and throws. */
  enable(): void {
    if (!this.#enabled) return;
    this.#log.info('enabling...');
    try {
      this.#run(baseRules(this.#network.locals));
      this.#runPostRules();
    } catch (error) {
      this.#run(OPEN);
      throw new Error(`enabling firewall: ${(error as Error).message}`);
    }
    this.#log.info('enabled successfully');
  }

  #runPostRules(): void {
    if (!existsSync(POST_RULES)) return;
    try {
      for (const line of postRules(readFileSync(POST_RULES, 'utf8'))) runLine(line);
    } catch (error) {
      throw new Error(`running user defined post firewall rules: ${(error as Error).message}`);
    }
  }

  /** Lets the pod reach a range outside the tunnel. */
  allowSubnet(range: string): void {
    const { address, interface: out } = this.#network.defaultRoute;
    if (this.#enabled) this.#run([`iptables -A OUTPUT -o ${out} -s ${address} -d ${range} -j ACCEPT`]);
  }

  /** Lets connections in on a port, over TCP and UDP and both families. */
  allowPort(port: number, through: string): void {
    this.#log.info(`setting allowed input port ${port} through interface ${through}...`);
    this.#port('-A', port, through);
  }

  /** Takes such a port back. */
  removePort(port: number, through: string): void {
    this.#log.info(`removing allowed port ${port}...`);
    this.#port('-D', port, through);
  }

  #port(action: '-A' | '-D', port: number, through: string): void {
    if (!this.#enabled) return;
    for (const protocol of ['tcp', 'udp']) {
      const rule = `${action} INPUT -i ${through} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`;
      this.#run([`iptables ${rule}`, `ip6tables ${rule}`]);
    }
  }

  /** Lets the tunnel's own packets out, and everything into the tunnel; the same endpoint again adds nothing. */
  allowTunnel(endpoint: Endpoint, tunnel: string): void {
    this.#log.info(
      this.#enabled ? 'allowing VPN connection...' : 'firewall disabled, only updating internal VPN connection',
    );
    const old = this.#endpoint;
    this.#endpoint = endpoint;
    if (!this.#enabled || (old && old.address === endpoint.address && old.port === endpoint.port)) return;
    if (old) this.#run([this.#endpointRule('-D', old)]);
    this.#run([this.#endpointRule('-A', endpoint)]);
    if (!old) this.#run([`iptables -A OUTPUT -o ${tunnel} -j ACCEPT`, `ip6tables -A OUTPUT -o ${tunnel} -j ACCEPT`]);
  }

  #endpointRule(action: '-A' | '-D', endpoint: Endpoint): string {
    const name = endpoint.address.includes(':') ? 'ip6tables' : 'iptables';
    const out = this.#network.defaultRoute.interface;
    return `${name} ${action} OUTPUT -d ${endpoint.address} -o ${out} -p udp -m udp --dport ${endpoint.port} -j ACCEPT`;
  }

  #run(lines: readonly string[]): void {
    for (const line of lines) if (this.#ipv6 || !line.startsWith('ip6tables')) runLine(line);
  }
}

/** The words that say that iptables may not be used, undefined when it may. */
export function missingNetAdmin(): string | undefined {
  try {
    run(['iptables', '-A', 'OUTPUT', '-o', 'gluetun-probe', '-j', 'DROP']);
    run(['iptables', '-D', 'OUTPUT', '-o', 'gluetun-probe', '-j', 'DROP']);
    return undefined;
  } catch (error) {
    return `NET_ADMIN capability is missing: iptables: ${(error as { stderr?: string }).stderr ?? error}`;
  }
}
