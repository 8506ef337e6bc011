/**
 * @module The network in which the real gluetun was recorded, so that its answers can be compared byte for byte.
 *
 *     client 172.16.0.20 --- vxlan0 172.16.0.1 [pod] eth0 10.42.0.10 --- router --- vpn 203.0.113.5
 *                                                                          \------- web 198.51.100.80
 *
 * The router translates what the pod sends in the clear to 203.0.113.1 and counts it. `vxlan0` is a veth, as it was there.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { wireGuardKeys } from '../../internet/vpn-server.ts';
import { type CommandRunner, inNamespace } from '../../network/ip.ts';
import { namespacePath } from '../../network/node.ts';

const PLAN = `
ip netns add gpod
ip netns add gclient
ip netns add gvpn
ip netns add gweb
ip netns add grouter
ip link add pod0 netns grouter type veth peer name eth0 netns gpod
ip link add eth0 netns gclient type veth peer name vxlan0 netns gpod
ip link add vpn0 netns grouter type veth peer name eth0 netns gvpn
ip link add web0 netns grouter type veth peer name eth0 netns gweb
ip -n gpod link set lo up
ip -n gpod addr add 10.42.0.10/24 dev eth0
ip -n gpod link set eth0 up
ip -n gpod addr add 172.16.0.1/24 dev vxlan0
ip -n gpod link set vxlan0 up
ip -n gclient addr add 172.16.0.20/24 dev eth0
ip -n gclient link set eth0 up
ip -n gclient route add default via 172.16.0.1
ip -n grouter link set lo up
ip -n grouter addr add 10.42.0.1/24 dev pod0
ip -n grouter addr add 203.0.113.1/24 dev vpn0
ip -n grouter addr add 198.51.100.1/24 dev web0
ip -n grouter link set pod0 up
ip -n grouter link set vpn0 up
ip -n grouter link set web0 up
ip -n gpod route add default via 10.42.0.1
ip -n gvpn link set lo up
ip -n gvpn addr add 203.0.113.5/24 dev eth0
ip -n gvpn link set eth0 up
ip -n gvpn route add default via 203.0.113.1
ip -n gweb link set lo up
ip -n gweb addr add 198.51.100.80/24 dev eth0
ip -n gweb link set eth0 up
ip -n gweb route add default via 198.51.100.1
`;

const CLEAR = `table ip clear {
  counter leaked { }
  chain count { type filter hook prerouting priority raw; iifname "pod0" ip daddr 198.51.100.80 counter name leaked; }
  chain nat { type nat hook postrouting priority srcnat; iifname "pod0" snat to 203.0.113.1; }
}`;

const EXIT = `table ip exit {
  chain nat { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
}`;

/** What pod-gateway's scripts leave in the pod before gluetun starts: clients are forwarded into the tunnel only. */
const POD_GATEWAY = [
  'iptables -t nat -A POSTROUTING -j MASQUERADE',
  'iptables -P FORWARD DROP',
  'iptables -A FORWARD -i tun0 -m state --state RELATED,ESTABLISHED -j ACCEPT',
  'iptables -A FORWARD -o tun0 -j ACCEPT',
];

const PLACES = ['gpod', 'gclient', 'gvpn', 'gweb', 'grouter'] as const;

/** The namespaces of the recording. */
export type Place = (typeof PLACES)[number];

/** The recorded network, built anew. */
export class RecordedNetwork {
  readonly server = wireGuardKeys();
  readonly customer = wireGuardKeys();
  readonly #commands: CommandRunner;
  #vpn: ChildProcess | undefined;
  #web: ChildProcess | undefined;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
    commands.lines(PLAN);
    for (const place of ['gpod', 'grouter', 'gvpn'] as const) {
      this.run(place, 'sysctl -qw net.ipv4.ip_forward=1');
    }
    commands.run([...inNamespace(namespacePath('grouter')), 'nft', '-f', '-'], CLEAR);
    commands.run([...inNamespace(namespacePath('gvpn')), 'nft', '-f', '-'], EXIT);
  }

  /** Runs one line of words in a namespace and gives back what it printed. @throws CommandFailed */
  run(place: Place, line: string): string {
    return this.#commands.run([...inNamespace(namespacePath(place)), ...line.split(' ')]);
  }

  /** Puts the rules of pod-gateway's scripts into the pod. */
  podGatewayRules(): void {
    for (const line of POD_GATEWAY) this.run('gpod', line);
  }

  /** Takes away what gluetun and the rules above left in the pod. */
  cleanPod(): void {
    for (const tool of ['iptables', 'ip6tables']) {
      this.run('gpod', `${tool} -F`);
      this.run('gpod', `${tool} -t nat -F`);
      for (const chain of ['INPUT', 'FORWARD', 'OUTPUT']) this.run('gpod', `${tool} -P ${chain} ACCEPT`);
    }
    for (const family of ['-4', '-6']) {
      const rules = this.run('gpod', `ip ${family} rule`).split('\n');
      for (const preference of rules
        .map((rule) => rule.split(':')[0])
        .filter((one) => /^(98|99|10[01])$/.test(one ?? ''))) {
        this.run('gpod', `ip ${family} rule del pref ${preference}`);
      }
    }
  }

  /** Starts the web's and the VPN's programs and waits until they answer. */
  async start(): Promise<void> {
    const script = fileURLToPath(new URL('./internet.ts', import.meta.url));
    const argv = [...inNamespace(namespacePath('gweb')), process.execPath, script];
    const web = spawn(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await new Promise((resolve) => web.once('message', resolve));
    this.#web = web;
    await this.startVpn();
  }

  /** Starts the endpoint. */
  async startVpn(): Promise<void> {
    const socket = '/run/wireguard/gvpn0.sock';
    rmSync(socket, { force: true });
    const argv = [...inNamespace(namespacePath('gvpn')), 'wireguard-go', '-f', 'gvpn0'];
    const env = { ...process.env, LOG_LEVEL: 'error', WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD: '1' };
    this.#vpn = spawn(argv[0] as string, argv.slice(1), { env, stdio: 'ignore' });
    while (!existsSync(socket)) await sleep(5);
    const peer = `peer ${this.customer.publicKey} allowed-ips 10.2.0.2/32`;
    // Why cat: standard input is a socket here, which cannot be opened by its name.
    const line = `cat | wg set gvpn0 listen-port 51820 private-key /dev/stdin ${peer}`;
    this.#commands.run([...inNamespace(namespacePath('gvpn')), 'sh', '-c', line], `${this.server.privateKey}\n`);
    this.run('gvpn', 'ip addr add 10.2.0.1/24 dev gvpn0');
    this.run('gvpn', 'ip link set gvpn0 mtu 1420 up');
  }

  /** Ends its programs and takes its namespaces away. */
  async remove(): Promise<void> {
    await this.stopVpn();
    this.#web?.kill('SIGKILL');
    this.#commands.lines(PLACES.map((place) => `ip netns del ${place}`).join('\n'));
  }

  /** Kills the endpoint. */
  async stopVpn(): Promise<void> {
    const vpn = this.#vpn;
    if (!vpn) return;
    this.#vpn = undefined;
    const gone = new Promise((resolve) => vpn.once('exit', resolve));
    vpn.kill('SIGKILL');
    await gone;
  }

  /** The address that the web sees when this namespace asks it, or `nothing` after 2 s. */
  exitOf(place: 'gpod' | 'gclient'): string {
    try {
      return this.run(place, 'curl -s -m 2 http://198.51.100.80/').trim();
    } catch {
      return 'nothing';
    }
  }

  /** Packets that the pod sent to the web in the clear so far. */
  leaked(): number {
    return Number(/packets (\d+)/.exec(this.run('grouter', 'nft list counter ip clear leaked'))?.[1]);
  }
}
