/** @module The VPN provider's end: WireGuard in user space, in a namespace of its own, with the exit address 203.0.113.5. */

import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { addresses } from '../network/addresses.ts';
import { type CommandRunner, inNamespace } from '../network/ip.ts';
import { namespacePath, namespaces } from '../network/node.ts';

/** A WireGuard key pair in base64, as `wg genkey` and `wg pubkey` print it. */
export interface WireGuardKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes a WireGuard key pair (X25519, RFC 7748). */
export function wireGuardKeys(): WireGuardKeys {
  const pair = generateKeyPairSync('x25519');
  const { d, x } = pair.privateKey.export({ format: 'jwk' });
  const base64 = (text: string | undefined) => Buffer.from(text ?? '', 'base64url').toString('base64');
  return { privateKey: base64(d), publicKey: base64(x) };
}

const ENTER = inNamespace(namespacePath(namespaces.vpn));
const SOCKET = '/run/wireguard/wg0.sock';

/** The VPN server; it can be stopped and started again, as a provider's machine is rebooted. */
export class VpnServer {
  readonly keys = wireGuardKeys();
  /** The customer's keys, which the operator pastes into the gateway charm's secret. */
  readonly customer = wireGuardKeys();
  readonly #commands: CommandRunner;
  #process: ChildProcess | undefined;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
    const nat = `add table ip vpn
add chain ip vpn post { type nat hook postrouting priority srcnat; }
add rule ip vpn post oifname "eth0" ip saddr 10.64.0.0/24 masquerade`;
    commands.run([...ENTER, 'nft', '-f', '-'], nat);
  }

  /** Starts the server and waits until it takes handshakes. @throws Error when wireguard-go does not come up */
  async start(): Promise<void> {
    rmSync(SOCKET, { force: true });
    const argv = [...ENTER, 'wireguard-go', '-f', 'wg0'];
    const env = { ...process.env, LOG_LEVEL: 'error', WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD: '1' };
    this.#process = spawn(argv[0] as string, argv.slice(1), { env, stdio: 'ignore' });
    await exists(SOCKET, 5000);
    this.#configure();
  }

  /** Kills the server: its endpoint answers nothing any more. */
  stop(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  #configure(): void {
    const port = String(addresses.vpnPort);
    const peer = ['peer', this.customer.publicKey, 'allowed-ips', `${addresses.tunnel.client}/32`];
    const own = ['listen-port', port, 'private-key', '/dev/stdin'];
    // Why cat: standard input is a socket here, which cannot be opened by its name.
    const set = ['sh', '-c', 'cat | wg set "$@"', 'sh', 'wg0', ...own, ...peer];
    this.#commands.run([...ENTER, ...set], `${this.keys.privateKey}\n`);
    this.#commands.lines(
      `ip addr replace ${addresses.tunnel.server}/${addresses.tunnel.prefix} dev wg0\nip link set wg0 mtu 1420 up`,
      ENTER,
    );
  }
}

async function exists(path: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!existsSync(path)) {
    if (Date.now() > until)
      throw new Error(`wireguard-go made no ${path} within ${timeoutMs} ms. Is wireguard-go installed?`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
