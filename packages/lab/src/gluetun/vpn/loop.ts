/** @module The life of the VPN: starting, running, stopping, stopped, crashed with a growing wait. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Firewall } from '../network/firewall.ts';
import type { Settings } from '../settings/settings.ts';
import { type CheckTimes, smallCheck, startupCheck } from './checks.ts';
import type { HealthServer } from './health-server.ts';
import type { PortForward } from './port-forward.ts';
import type { PublicIpKeeper } from './public-ip.ts';
import { Tunnel, type TunnelPlan } from './tunnel.ts';

/** States that GET /v1/vpn/status gives. */
export type VpnStatus = 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed';

const FIRST_WAIT_MS = 15_000;

/** What the loop works with. */
export interface LoopParts {
  readonly log: Log;
  readonly wireguardLog: Log;
  readonly settings: Settings;
  readonly plan: TunnelPlan;
  readonly firewall: Firewall;
  readonly health: HealthServer;
  readonly publicIp: PublicIpKeeper;
  readonly portForward: PortForward;
  readonly times: CheckTimes;
}

/** Keeps the tunnel as it was asked for. */
export class VpnLoop {
  readonly #parts: LoopParts;
  #status: VpnStatus = 'stopped';
  #tunnel: Tunnel | undefined;
  #run = new AbortController();
  #waitMs = FIRST_WAIT_MS;
  #waiting: Promise<void> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** The state now. */
  get status(): VpnStatus {
    return this.#status;
  }

  /** The first start, which logs no `starting`. */
  start(): Promise<void> {
    this.#status = 'starting';
    return this.#inTurn(() => this.#connect());
  }

  /** What PUT /v1/vpn/status does; it answers when it is done. While crashed it waits and changes nothing (recorded). */
  apply(wanted: 'running' | 'stopped'): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#status === 'crashed') {
        await this.#waiting;
        return 'already crashed';
      }
      if (wanted === 'stopped' && this.#status === 'running') await this.#disconnect();
      else if (wanted === 'running' && this.#status === 'stopped') await this.#reconnect();
      else return `already ${this.#status}`;
      return this.#status;
    });
  }

  /** Ends the tunnel for good, without the words of a stop over the control server. */
  async shutDown(): Promise<void> {
    await this.#takeDown();
  }

  async #takeDown(): Promise<void> {
    const { firewall, plan, portForward, publicIp, settings } = this.#parts;
    this.#run.abort();
    await portForward.stop();
    if (this.#tunnel) {
      for (const port of settings.firewall.vpnInputPorts) firewall.removePort(port, plan.wireguard.interface);
    }
    await this.#tunnel?.down();
    this.#tunnel = undefined;
    publicIp.clear();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #reconnect(): Promise<void> {
    this.#status = 'starting';
    this.#parts.log.info('starting');
    await this.#connect();
  }

  async #disconnect(): Promise<void> {
    this.#status = 'stopping';
    this.#parts.log.info('stopping');
    await this.#takeDown();
    this.#status = 'stopped';
  }

  async #connect(): Promise<void> {
    const { firewall, plan, wireguardLog } = this.#parts;
    const run = new AbortController();
    this.#run = run;
    firewall.allowTunnel(plan.endpoint, plan.wireguard.interface);
    try {
      const tunnel = await Tunnel.up(wireguardLog, plan);
      this.#tunnel = tunnel;
      tunnel.lost.then(() => this.#lost(tunnel)).catch(() => {});
    } catch (error) {
      this.#crash((error as Error).message);
      return;
    }
    this.#waitMs = FIRST_WAIT_MS;
    this.#status = 'running';
    this.#onUp(run.signal).catch((error: Error) => {
      if (!run.signal.aborted) this.#parts.log.error(error.message);
    });
  }

  /** After the tunnel: open ports, first check, public address, forwarded port, then a check each minute. */
  async #onUp(signal: AbortSignal): Promise<void> {
    const { firewall, health, log, plan, portForward, publicIp, settings, times } = this.#parts;
    for (const port of settings.firewall.vpnInputPorts) firewall.allowPort(port, plan.wireguard.interface);
    const problem = await startupCheck(settings.health.targets, times, signal).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (signal.aborted) return;
    health.set(problem);
    if (problem && settings.health.restartVpn) return this.#restart(problem);
    if (problem) log.warn(`(ignored) healthchecker start failed: ${problem}`);
    await publicIp.fetch(signal).catch((error: Error) => {
      if (!signal.aborted) log.error(`getting public IP address information: ${error.message}`);
    });
    if (signal.aborted) return;
    await portForward.start(signal);
    if (!problem) await this.#watch(signal);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { health, settings, times } = this.#parts;
    for (;;) {
      await sleep(times.periodMs, undefined, { signal });
      const problem = await smallCheck(settings.health.icmpTargets, times, signal).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (signal.aborted) return;
      health.set(problem);
      if (problem && settings.health.restartVpn) return this.#restart(problem);
    }
  }

  #restart(problem: string): void {
    const { log } = this.#parts;
    log.warn(`restarting VPN because it failed to pass the healthcheck: ${problem}`);
    log.info('👉 See https://github.com/qdm12/gluetun-wiki/blob/main/faq/healthcheck.md');
    log.info('DO NOT OPEN AN ISSUE UNLESS YOU HAVE READ AND TRIED EVERY POSSIBLE SOLUTION');
    this.#inTurn(async () => {
      if (this.#status !== 'running') return;
      await this.#disconnect();
      await this.#reconnect();
    }).catch(() => {});
  }

  async #lost(tunnel: Tunnel): Promise<void> {
    if (this.#tunnel !== tunnel) return;
    this.#parts.wireguardLog.error('failed shutting down link: no such device');
    this.#parts.wireguardLog.error('failed deleting link: no such device');
    this.#run.abort();
    await tunnel.down();
    this.#tunnel = undefined;
    this.#crash('device waited for');
  }

  #crash(why: string): void {
    const { log, publicIp } = this.#parts;
    this.#status = 'crashed';
    log.error(why);
    publicIp.clear();
    log.info(`retrying in ${goDuration(this.#waitMs)}`);
    const wait = this.#waitMs;
    this.#waitMs *= 2;
    this.#waiting = sleep(wait, undefined, { ref: true });
    this.#waiting
      .then(() => sleep(20))
      .then(() => this.#inTurn(() => this.#connect()))
      .catch(() => {});
  }
}

/** A duration as Go prints it: 15s, 1m0s. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
