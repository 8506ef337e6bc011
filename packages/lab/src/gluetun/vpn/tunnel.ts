/** @module The WireGuard tunnel in user space: a child wireguard-go, set up with wg(8) and ip(8). */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import type { Log } from '../log.ts';
import { CommandFailed, run, runLine } from '../network/command.ts';
import type { Endpoint } from '../network/firewall.ts';
import type { WireGuardSettings } from '../settings/settings.ts';

/** Firewall mark of the tunnel's own packets and number of its routing table. */
export const MARK = 51820;
const PREFERENCE = 101;

/** What a tunnel is made from. */
export interface TunnelPlan {
  readonly wireguard: WireGuardSettings;
  readonly endpoint: Endpoint;
  readonly publicKey: string;
  readonly ipv6: boolean;
}

/** A tunnel that is up. */
export class Tunnel {
  readonly #child: ChildProcess;
  readonly #undo: readonly string[];
  /** Settles when the tunnel ends without being taken down: its process died or its link was deleted. */
  readonly lost: Promise<void>;
  #wanted = true;

  private constructor(child: ChildProcess, undo: readonly string[]) {
    this.#child = child;
    this.#undo = undo;
    this.lost = new Promise((resolve) => {
      child.once('exit', () => {
        if (this.#wanted) resolve();
      });
    });
  }

  /** Makes the tunnel. What was made is taken back when a step fails. @throws Error with gluetun's words */
  static async up(log: Log, plan: TunnelPlan): Promise<Tunnel> {
    const { wireguard, endpoint } = plan;
    if (wireguard.implementation === 'kernelspace') throw new Error('kernel does not support Wireguard');
    log.info('Using userspace implementation since Kernel support does not exist');
    const child = await startDevice(wireguard.interface);
    const undo: string[] = [];
    try {
      configure(plan);
      log.info(
        `Connecting to ${endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address}:${endpoint.port}`,
      );
      for (const address of usable(wireguard.addresses, plan.ipv6)) {
        runLine(`ip -${familyOf(address)} addr add ${address} dev ${wireguard.interface}`);
      }
      runLine(`ip link set ${wireguard.interface} up`);
      addRoutes(plan);
      addRules(plan, undo, log);
    } catch (error) {
      await endDevice(child);
      for (const line of undo) runLine(line);
      throw error;
    }
    log.info(
      'Wireguard setup is complete. Note Wireguard is a silent protocol and it may or may not work, without giving any error message. Typically i/o timeout errors indicate the Wireguard connection is not working.',
    );
    return new Tunnel(child, undo);
  }

  /** Takes the tunnel down with all that it made. */
  async down(): Promise<void> {
    this.#wanted = false;
    for (const line of this.#undo) runLine(line);
    await endDevice(this.#child);
  }
}

function familyOf(range: string): 4 | 6 {
  return range.includes(':') ? 6 : 4;
}

function usable(ranges: readonly string[], ipv6: boolean): string[] {
  return ranges.filter((range) => ipv6 || familyOf(range) === 4);
}

/** Why setpriv: when this program is killed the kernel ends wireguard-go and with it the link, as with the real, single process. */
async function startDevice(name: string): Promise<ChildProcess> {
  const socket = `/run/wireguard/${name}.sock`;
  mkdirSync('/run/wireguard', { recursive: true });
  rmSync(socket, { force: true });
  const env = { ...process.env, LOG_LEVEL: 'error', WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD: '1' };
  const argv = ['--pdeathsig', 'KILL', 'wireguard-go', '-f', name];
  const child = spawn('setpriv', argv, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint += chunk;
  });
  const ended = new Promise<'ended'>((resolve) => {
    child.once('error', (error) => {
      complaint += error.message;
      resolve('ended');
    });
    child.once('exit', () => resolve('ended'));
  });
  if ((await Promise.race([ended, appears(socket)])) === 'appeared') return child;
  child.kill('SIGKILL');
  throw new Error(`cannot create TUN device: ${complaint.trim() || 'wireguard-go made no socket within 5 s'}`);
}

async function appears(path: string): Promise<'appeared' | 'missing'> {
  for (let tries = 0; tries < 1000; tries++) {
    if (existsSync(path)) return 'appeared';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 'missing';
}

async function endDevice(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** Keys go in by standard input: arguments can be read by every process of the pod. Why cat: it is a socket, which has no name. */
function configure({ wireguard, endpoint, publicKey, ipv6 }: TunnelPlan): void {
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  const lines = [
    '[Interface]',
    `PrivateKey = ${wireguard.privateKey}`,
    `FwMark = ${MARK}`,
    '[Peer]',
    `PublicKey = ${publicKey}`,
    ...(wireguard.presharedKey ? [`PresharedKey = ${wireguard.presharedKey}`] : []),
    `AllowedIPs = ${usable(wireguard.allowedIps, ipv6).join(', ')}`,
    `Endpoint = ${host}:${endpoint.port}`,
    ...(wireguard.keepaliveMs > 0 ? [`PersistentKeepalive = ${Math.round(wireguard.keepaliveMs / 1000)}`] : []),
  ];
  run(['sh', '-c', 'cat | wg setconf "$0" /dev/stdin', wireguard.interface], `${lines.join('\n')}\n`);
  runLine(`ip link set ${wireguard.interface} mtu ${wireguard.mtu}`);
}

function addRoutes({ wireguard, ipv6 }: TunnelPlan): void {
  for (const range of usable(wireguard.allowedIps, ipv6)) {
    runLine(`ip -${familyOf(range)} route add ${range} dev ${wireguard.interface} table ${MARK}`);
  }
}

/** Why IPv6 first: that is the one which a killed predecessor's leftovers make fail first (recorded). */
function addRules(plan: TunnelPlan, undo: string[], log: Log): void {
  for (const family of plan.ipv6 ? [6, 4] : [4]) {
    const rule = `not from all fwmark ${MARK} lookup ${MARK} pref ${PREFERENCE}`;
    try {
      runLine(`ip -${family} rule add ${rule}`);
    } catch (error) {
      const why =
        error instanceof CommandFailed ? error.stderr.replace(/^.*answers: /s, '').toLowerCase() : String(error);
      if (family === 6)
        log.info('if you are using Kubernetes, this may fix the error below: https://github.com/qdm12/gluetun-wiki');
      throw new Error(`adding IPv${family} rule: adding ip rule ${PREFERENCE}: from all to all table ${MARK}: ${why}`);
    }
    undo.push(`ip -${family} rule del ${rule}`);
  }
}
