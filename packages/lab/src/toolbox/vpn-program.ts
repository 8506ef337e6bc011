/** @module The VPN program beside the gateway's agent, for the agent's bench: a real WireGuard tunnel, rules and firewall as gluetun makes them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WireGuardKeys } from '../internet/vpn-server.ts';
import { addresses } from '../network/addresses.ts';
import { CommandRunner } from '../network/ip.ts';
import type { PodLink } from '../network/pods.ts';

/** Tunnel and firewall in a gateway pod; each part can be taken away as gluetun's faults do. */
export class VpnProgram {
  readonly #link: PodLink;
  readonly #keys: { server: WireGuardKeys; customer: WireGuardKeys };
  readonly #commands = new CommandRunner();
  readonly #sockets = mkdtempSync(join(tmpdir(), 'wg-'));
  #process: ChildProcess | undefined;

  constructor(link: PodLink, keys: { server: WireGuardKeys; customer: WireGuardKeys }) {
    this.#link = link;
    this.#keys = keys;
    mkdirSync(join(this.#sockets, 'wireguard'));
  }

  /** Closes the firewall, as gluetun 3.41.1 does first of all: policies drop, own accepts are appended. */
  closeFirewall(): void {
    for (const chain of ['INPUT', 'OUTPUT', 'FORWARD']) this.#in(['iptables', '-P', chain, 'DROP']);
    for (const family of ['iptables', 'ip6tables']) {
      for (const rule of [
        'INPUT -i lo',
        'OUTPUT -o lo',
        'INPUT -m conntrack --ctstate ESTABLISHED,RELATED',
        'OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED',
      ]) {
        this.#in([family, '-A', ...rule.split(' '), '-j', 'ACCEPT']);
      }
    }
    const { address } = this.#link;
    for (const rule of [
      `INPUT -d ${address}/32 -i eth0`,
      `OUTPUT -d ${addresses.vpnServer}/32 -o eth0 -p udp --dport ${addresses.vpnPort}`,
      'OUTPUT -o tun0',
    ]) {
      this.#in(['iptables', '-A', ...rule.split(' '), '-j', 'ACCEPT']);
    }
  }

  /** What gluetun 3.41.1 does when enabling its firewall fails: the filter table is flushed and its policies accept. */
  failOpen(): void {
    for (const chain of ['INPUT', 'OUTPUT', 'FORWARD']) this.#in(['iptables', '-P', chain, 'ACCEPT']);
    this.#in(['iptables', '-F']);
    this.#in(['iptables', '-X']);
  }

  /** Starts the tunnel, with the routing rules that gluetun adds. */
  async start(): Promise<void> {
    const socket = join(this.#sockets, 'wireguard', 'tun0.sock');
    rmSync(socket, { force: true }); // a killed one leaves its socket
    const shell = `mount --bind ${this.#sockets} /run && exec wireguard-go -f tun0`;
    const argv = ['--mount', 'nsenter', `--net=${this.#link.netns}`, 'sh', '-c', shell];
    const env = { ...process.env, LOG_LEVEL: 'error', WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD: '1' };
    this.#process = spawn('unshare', argv, { env, stdio: 'ignore' });
    for (let tries = 0; !existsSync(socket); tries += 1) {
      if (tries > 500) throw new Error('wireguard-go made no socket within 5 s. Is wireguard-go installed?');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#configure();
  }

  /** Ends the tunnel's process: tun0 goes with it. */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#process?.once('exit', resolve));
    this.#process?.kill('SIGKILL');
    await gone;
  }

  #configure(): void {
    const { server, customer } = this.#keys;
    const endpoint = `${addresses.vpnServer}:${addresses.vpnPort}`;
    const peer = [
      'peer',
      server.publicKey,
      'endpoint',
      endpoint,
      'allowed-ips',
      '0.0.0.0/0',
      'persistent-keepalive',
      '5',
    ];
    const set = 'mount --bind "$0" /run && cat | wg set tun0 private-key /dev/stdin fwmark 51820 "$@"';
    const argv = [
      'unshare',
      '--mount',
      'nsenter',
      `--net=${this.#link.netns}`,
      'sh',
      '-c',
      set,
      this.#sockets,
      ...peer,
    ];
    this.#commands.run(argv, `${customer.privateKey}\n`);
    this.#commands.lines(
      `ip addr add ${addresses.tunnel.client}/32 dev tun0
       ip link set tun0 mtu 1420 up
       ip route replace default dev tun0 table 51820
       ip route replace default via ${addresses.podGateway} dev eth0 table 200`,
      ['nsenter', `--net=${this.#link.netns}`],
    );
    for (const rule of [
      '98 to 172.16.0.0/24 lookup main',
      `100 from ${this.#link.address} lookup 200`,
      '101 not fwmark 51820 lookup 51820',
    ]) {
      this.#in(['sh', '-c', `ip rule add pref ${rule} 2>/dev/null || true`]);
    }
  }

  #in(argv: string[]): void {
    this.#commands.run(['nsenter', `--net=${this.#link.netns}`, ...argv]);
  }
}
