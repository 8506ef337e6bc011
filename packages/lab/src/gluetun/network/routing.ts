/** @module gluetun's policy routing: preferences 98 (local networks), 99 (outbound subnets), 100 (replies); 101 is the tunnel's. */

import type { Log } from '../log.ts';
import { CommandFailed, runLine } from './command.ts';
import { type PodNetwork, readDefaultRoute } from './surroundings.ts';

/** Table of the routes to FIREWALL_OUTBOUND_SUBNETS. */
const OUTBOUND_TABLE = 199;
/** Table of the routes for packets that carry the pod's own address. */
const INBOUND_TABLE = 200;

/** The rules and routes that stand while the program runs, whether the tunnel does or not. */
export class Routing {
  readonly #log: Log;
  readonly #network: PodNetwork;
  #subnets: readonly string[] = [];

  constructor(log: Log, network: PodNetwork) {
    this.#log = log;
    this.#network = network;
  }

  /** Replies leave by the way they came; local networks stay local. What a killed predecessor left is tolerated. */
  setup(): void {
    const route = readDefaultRoute(this.#log);
    this.#log.info('adding route for 0.0.0.0/0');
    tolerant(`ip -4 rule add from ${route.address} lookup ${INBOUND_TABLE} pref 100`);
    runLine(`ip -4 route replace default via ${route.gateway} dev ${route.interface} onlink table ${INBOUND_TABLE}`);
    for (const local of this.#network.locals) {
      if (this.#localRuleKnown(local.range)) continue;
      tolerant(`ip -${local.family} rule add to ${local.range} lookup main pref 98`);
    }
  }

  readonly #known = new Set<string>();
  #localRuleKnown(range: string): boolean {
    if (this.#known.has(range)) return true;
    this.#known.add(range);
    return false;
  }

  /** Routes subnets outside the tunnel; `allow` opens the firewall for each that is routed. */
  setOutboundSubnets(log: Log, subnets: readonly string[], allow: (range: string) => void): void {
    const routed = subnets.filter((subnet) => {
      if (!subnet.includes(':')) return true;
      log.info(`ignoring subnet ${subnet} which has no default route matching its family`);
      return false;
    });
    for (const subnet of routed) allow(masked(subnet));
    const route = readDefaultRoute(this.#log);
    for (const subnet of routed.map(masked)) {
      this.#log.info(`adding route for ${subnet}`);
      runLine(
        `ip -4 route replace ${subnet} via ${route.gateway} dev ${route.interface} onlink table ${OUTBOUND_TABLE}`,
      );
      tolerant(`ip -4 rule add to ${subnet} lookup ${OUTBOUND_TABLE} pref 99`);
    }
    this.#subnets = routed.map(masked);
  }

  /** Takes back preferences 99 and 100; 98 stays, as recorded. */
  cleanUp(): void {
    this.#log.info('routing cleanup...');
    const route = readDefaultRoute(this.#log);
    this.#log.info('deleting route for 0.0.0.0/0');
    tolerant(`ip -4 route del default table ${INBOUND_TABLE}`);
    tolerant(`ip -4 rule del from ${route.address} lookup ${INBOUND_TABLE} pref 100`);
    for (const subnet of this.#subnets) {
      tolerant(`ip -4 route del ${subnet} table ${OUTBOUND_TABLE}`);
      tolerant(`ip -4 rule del to ${subnet} lookup ${OUTBOUND_TABLE} pref 99`);
    }
  }
}

/** An IPv4 range with its host bits cleared. */
export function masked(range: string): string {
  const [address = '', bits = '32'] = range.split('/');
  const value = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(bits));
  const base = Math.floor(value / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.')}/${bits}`;
}

function tolerant(line: string): void {
  try {
    runLine(line);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
  }
}
