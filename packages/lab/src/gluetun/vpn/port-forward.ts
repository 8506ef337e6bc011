/** @module Port forwarding by NAT-PMP (RFC 6886) as gluetun 3.41.1 does it for Proton: file, firewall, commands, renewal each 45 s. */

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Firewall } from '../network/firewall.ts';
import type { Settings } from '../settings/settings.ts';
import { externalAddress, mapPort } from './nat-pmp.ts';
import { writeOwned } from './public-ip.ts';

const RENEW_MS = 45_000;
/** Proton's NAT-PMP server, the same in every tunnel. */
const SERVER = '10.2.0.1';

/** Holds the forwarded port of the running tunnel. */
export class PortForward {
  readonly #log: Log;
  readonly #vpnLog: Log;
  readonly #settings: Settings;
  readonly #firewall: Firewall;
  #ports: readonly number[] = [];

  constructor(log: Log, vpnLog: Log, settings: Settings, firewall: Firewall) {
    this.#log = log;
    this.#vpnLog = vpnLog;
    this.#settings = settings;
    this.#firewall = firewall;
  }

  /** What GET /v1/portforward answers: one port, or the list when there are several (3.41.1). */
  get answer(): { port: number } | { ports: readonly number[] } {
    return this.#ports.length > 1 ? { ports: this.#ports } : { port: this.#ports[0] ?? 0 };
  }

  /** Asks for a port and keeps it until `signal`. A first failure is logged and not tried again (recorded). */
  async start(signal: AbortSignal): Promise<void> {
    if (!this.#settings.portForward.enabled) return;
    try {
      await this.#open();
    } catch (error) {
      this.#vpnLog.error(
        `starting port forwarding service: port forwarding for the first time: ${(error as Error).message}`,
      );
      return;
    }
    this.#keep(signal).catch(() => {});
  }

  /** Takes the port back: command, firewall, file. */
  async stop(): Promise<void> {
    if (!this.#settings.portForward.enabled) return;
    this.#log.info('stopping');
    await this.#close();
  }

  async #open(): Promise<void> {
    this.#log.info('starting');
    const external = await externalAddress(SERVER).catch((error: Error) => {
      throw new Error(`getting external IPv4 address: ${error.message}`);
    });
    this.#log.info(`gateway external IPv4 address is ${external}`);
    const port = await mapPort(SERVER, 1);
    this.#ports = [port];
    this.#log.info(`port forwarded is ${port}`);
    this.#firewall.allowPort(port, this.#settings.wireguard.interface);
    const file = this.#settings.portForward.statusFile;
    this.#log.info(`writing port file ${file}`);
    writeOwned(this.#settings, file, String(port));
    await this.#command(this.#settings.portForward.upCommand);
  }

  async #close(): Promise<void> {
    const port = this.#ports[0];
    if (port === undefined) return;
    await this.#command(this.#settings.portForward.downCommand);
    this.#firewall.removePort(port, this.#settings.wireguard.interface);
    this.#ports = [];
    const file = this.#settings.portForward.statusFile;
    this.#log.info(`clearing port file ${file}`);
    writeOwned(this.#settings, file, '');
  }

  /** A changed port is replaced at once; a failed renewal clears it and then waits for the next start of the VPN (recorded). */
  async #keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(RENEW_MS, undefined, { signal });
      const had = this.#ports[0] as number;
      const now = await mapPort(SERVER, had).catch((error: Error) => `adding port mapping: ${error.message}`);
      if (now === had) continue;
      await this.#close();
      this.#log.error(typeof now === 'string' ? now : `external port changed: ${had} changed to ${now}`);
      if (typeof now === 'string') {
        this.#log.info('starting');
        return;
      }
      await this.#open();
    }
  }

  async #command(template: string): Promise<void> {
    if (!template) return;
    const port = String(this.#ports[0] ?? 0);
    const filled = template
      .replaceAll('{{PORTS}}', this.#ports.join(','))
      .replaceAll('{{PORT}}', port)
      .replaceAll('{{VPN_INTERFACE}}', this.#settings.wireguard.interface);
    const child = spawn('sh', ['-c', `exec ${filled}`], { stdio: 'ignore' });
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
  }
}
