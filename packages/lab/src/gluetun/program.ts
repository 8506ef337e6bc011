/** @module What runs after the settings are accepted: routing, resolver, servers, VPN; and the shutdown in the recorded order. */

import { existsSync } from 'node:fs';
import { BadRole, type Role } from './control/roles.ts';
import { ControlServer } from './control/server.ts';
import { settingsAnswer } from './control/settings-answer.ts';
import type { Log } from './log.ts';
import { works } from './network/command.ts';
import type { Firewall } from './network/firewall.ts';
import { setResolver } from './network/resolver.ts';
import { Routing } from './network/routing.ts';
import type { PodNetwork } from './network/surroundings.ts';
import { chooseServer } from './settings/servers.ts';
import type { Settings } from './settings/settings.ts';
import { recordedTimes } from './vpn/checks.ts';
import { HealthServer } from './vpn/health-server.ts';
import { VpnLoop } from './vpn/loop.ts';
import { PortForward } from './vpn/port-forward.ts';
import { PublicIpKeeper } from './vpn/public-ip.ts';

/** What the start has made by now. */
export interface ProgramParts {
  readonly log: Log;
  readonly settings: Settings;
  readonly network: PodNetwork;
  readonly firewall: Firewall;
  readonly fallback: Role | undefined;
  readonly file: (path: string) => string | undefined;
}

const TUN = '/dev/net/tun';

/** The running program. */
export class Program {
  readonly #parts: ProgramParts;
  readonly #routing: Routing;
  readonly #health: HealthServer;
  readonly #publicIp: PublicIpKeeper;
  readonly #portForward: PortForward;
  #dns: 'running' | 'stopped' = 'stopped';
  #vpn: VpnLoop | undefined;
  #control: ControlServer | undefined;

  constructor(parts: ProgramParts) {
    const { firewall, log, network, settings } = parts;
    this.#parts = parts;
    this.#routing = new Routing(log.part('routing'), network);
    this.#health = new HealthServer(log.part('healthcheck'));
    this.#publicIp = new PublicIpKeeper(log.part('ip getter'), settings);
    this.#portForward = new PortForward(log.part('port forwarding'), log.part('vpn'), settings, firewall);
  }

  /** Starts everything and returns; SIGTERM ends it. @throws Error for what makes gluetun exit 1 */
  async run(): Promise<void> {
    this.#onSignal();
    this.#routing.setup();
    try {
      await this.#start();
    } catch (error) {
      this.#routing.cleanUp();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { firewall, log, settings } = this.#parts;
    log
      .part('firewall')
      .info(
        settings.firewall.enabled
          ? 'setting allowed subnets...'
          : 'firewall disabled, only updating allowed subnets internal list',
      );
    const allow = (range: string) => firewall.allowSubnet(range);
    this.#routing.setOutboundSubnets(log.part('firewall'), settings.firewall.outboundSubnets, allow);
    const { defaultRoute } = this.#parts.network;
    for (const port of settings.firewall.inputPorts) firewall.allowPort(port, defaultRoute.interface);
    this.#ensureTun();
    setResolver(log.part('dns'), settings.dns);
    await this.#health.start(settings.health.address);
    const vpn = this.#makeVpn();
    this.#control = this.#makeControl(vpn);
    const failed = await this.#control.start();
    if (failed) log.part('http server').error(failed);
    else await vpn.start();
  }

  #ensureTun(): void {
    if (existsSync(TUN)) return;
    this.#parts.log.info(`TUN device is not available: open ${TUN}: no such file or directory; creating it...`);
    works(['mkdir', '-p', '/dev/net']);
    if (works(['mknod', TUN, 'c', '10', '200'])) return;
    throw new Error('creating tun device: creating TUN device file node: operation not permitted');
  }

  #makeVpn(): VpnLoop {
    const { file, firewall, log, network, settings } = this.#parts;
    const server = chooseServer(settings, file(settings.storageFile));
    const plan = { wireguard: settings.wireguard, ...server, ipv6: network.ipv6 };
    const [health, publicIp, portForward] = [this.#health, this.#publicIp, this.#portForward];
    const logs = { log: log.part('vpn'), wireguardLog: log.part('wireguard') };
    this.#vpn = new VpnLoop({ ...logs, settings, plan, firewall, health, publicIp, portForward, times: recordedTimes });
    return this.#vpn;
  }

  #makeControl(vpn: VpnLoop): ControlServer {
    const { fallback, file, log, settings } = this.#parts;
    const targets = {
      vpnType: settings.vpnType,
      vpnStatus: () => vpn.status,
      applyVpn: (status: 'running' | 'stopped') => vpn.apply(status),
      dnsStatus: () => this.#dns,
      applyDns: (status: 'running' | 'stopped') => this.#applyDns(status),
      publicIp: () => this.#publicIp.current,
      portForward: () => this.#portForward.answer,
      settings: () => settingsAnswer(settings),
    };
    const roleFile = file(settings.control.authFile);
    try {
      return new ControlServer({
        log: log.part('http server'),
        settings: settings.control,
        targets,
        roleFile,
        fallback,
      });
    } catch (error) {
      if (!(error instanceof BadRole)) throw error;
      throw new Error(`setting up control server: building authentication middleware settings: ${error.message}`);
    }
  }

  #applyDns(status: 'running' | 'stopped'): string {
    if (this.#dns === status) return `already ${status}`;
    this.#dns = status;
    return status;
  }

  /** Why once: a second SIGTERM ends the program at once, in the middle of its clean-up (recorded). */
  #onSignal(): void {
    const end = () => {
      process.removeAllListeners('SIGTERM');
      process.removeAllListeners('SIGINT');
      this.#shutDown().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
  }

  async #shutDown(): Promise<void> {
    const { log } = this.#parts;
    const ended = (name: string) => log.info(`${name}: terminated ✔️`);
    log.warn('Caught OS signal terminated, shutting down');
    this.#control?.stop();
    for (const name of ['http server', 'dns ticker', 'updater ticker', 'control', 'updater', 'tickers']) ended(name);
    this.#health.stop();
    ended('HTTP health server');
    await this.#vpn?.shutDown();
    for (const name of ['vpn', 'shadowsocks proxy', 'dns', 'http proxy', 'other']) ended(name);
    this.#routing.cleanUp();
    log.info('Shutdown successful');
  }
}
