/** @module gluetun - the stand-in, or the real program when GLUETUN_BIN names it - in the pod of the recorded network. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { capabilityNumbers } from '../../kubernetes/runtime/capabilities.ts';
import { Container, type Exit } from '../../kubernetes/runtime/container.ts';
import { CommandRunner, inNamespace } from '../../network/ip.ts';
import { namespacePath } from '../../network/node.ts';
import { gluetunImage } from '../bundle.ts';
import type { RecordedNetwork } from './network.ts';

/** The recorded environment that gets healthy without a real internet. */
export function recordedEnvironment(network: RecordedNetwork): Record<string, string> {
  return {
    VPN_SERVICE_PROVIDER: 'custom',
    VPN_TYPE: 'wireguard',
    WIREGUARD_ENDPOINT_IP: '203.0.113.5',
    WIREGUARD_ENDPOINT_PORT: '51820',
    WIREGUARD_PUBLIC_KEY: network.server.publicKey,
    WIREGUARD_PRIVATE_KEY: network.customer.privateKey,
    WIREGUARD_ADDRESSES: '10.2.0.2/32',
    DNS_SERVER: 'off',
    DNS_ADDRESS: '198.51.100.80',
    BLOCK_MALICIOUS: 'off',
    DNS_UPDATE_PERIOD: '0',
    UPDATER_PERIOD: '0',
    PUBLICIP_ENABLED: 'on',
    PUBLICIP_API: 'echoip#http://198.51.100.80:8081',
    VERSION_INFORMATION: 'off',
    HEALTH_TARGET_ADDRESSES: '198.51.100.80:80',
    HEALTH_ICMP_TARGET_IPS: '198.51.100.80',
  };
}

/** One answer as it was on the wire; `Date` is replaced as in the recordings. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Files of the pod that outlive a container of it, as volumes would. */
export class PodFiles {
  readonly directory = mkdtempSync('/run/gluetun-pod-');

  constructor() {
    for (const name of ['gluetun', 'iptables', 'tmp']) mkdirSync(`${this.directory}/${name}`);
    this.write(
      'resolv.conf',
      'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.152.183.10\noptions ndots:5\n',
    );
  }

  /** Writes a file, e.g. `iptables/post-rules.txt`. */
  write(name: string, content: string, mode = 0o644): void {
    mkdirSync(`${this.directory}/${name.includes('/') ? name.replace(/\/[^/]*$/, '') : ''}`, { recursive: true });
    writeFileSync(`${this.directory}/${name}`, content, { mode });
  }

  /** Reads a file. @throws Error when there is none */
  read(name: string): string {
    return readFileSync(`${this.directory}/${name}`, 'utf8');
  }

  /** Mounts for the container. */
  mounts() {
    const at = (name: string, target: string) => ({ source: `${this.directory}/${name}`, target, readOnly: false });
    return [
      at('gluetun', '/gluetun'),
      at('iptables', '/iptables'),
      at('tmp', '/tmp'),
      at('resolv.conf', '/etc/resolv.conf'),
    ];
  }
}

/** A running gluetun. */
export class GluetunPod {
  readonly #container: Container;
  readonly #log: string;

  private constructor(container: Container, log: string) {
    this.#container = container;
    this.#log = log;
  }

  /** Starts it, privileged unless told otherwise. */
  static async start(env: Record<string, string>, files: PodFiles, capabilities?: number[]): Promise<GluetunPod> {
    const image = await gluetunImage();
    const run = mkdtempSync('/run/gluetun-run-');
    mkdirSync(`${run}/work`);
    const container = await Container.start({
      argv: ['/gluetun-entrypoint'],
      env: { PATH: process.env.PATH ?? '', ...image.env, ...env },
      cwd: '/',
      user: 0,
      group: 0,
      groups: [],
      capabilities: capabilities ?? capabilityNumbers({ privileged: true }),
      noNewPrivileges: false,
      singleUser: false,
      netns: namespacePath('gpod'),
      hostname: 'gluetun-0',
      rootfs: '/',
      work: `${run}/work`,
      mounts: [
        ...files.mounts(),
        ...(image.files ?? []).map((file) => ({ source: file.source, target: file.path, readOnly: true })),
      ],
      privileged: true,
      readOnlyRoot: false,
      log: { path: `${run}/log`, limit: 1 << 24 },
    });
    return new GluetunPod(container, `${run}/log`);
  }

  /** How it ended. */
  get exited(): Promise<Exit> {
    return this.#container.exited;
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit> {
    this.#container.signal(signal);
    return this.#container.exited;
  }

  /** Log lines without their times. */
  log(): string[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => line.replace(/^\S+ std\w+ F /, '').replace(/^\d{4}-\S+Z? /, ''));
  }

  /** Asks the control server or the health server over the pod's loopback. @throws Error when nobody listens */
  ask(port: number, method: string, path: string, headers: object = {}, body?: string | null): Promise<WireAnswer> {
    return askInPod(port, method, path, headers, body ?? undefined);
  }

  /** Waits until the answer to a GET has this in its body (or is empty for `''`). @throws Error after 10 s */
  async until(
    port: number,
    path: string,
    wanted: (answer: WireAnswer) => boolean,
    timeoutMs = 10_000,
  ): Promise<WireAnswer> {
    const end = Date.now() + timeoutMs;
    let last: unknown;
    while (Date.now() < end) {
      const answer = await this.ask(port, 'GET', path).catch((error: Error) => error);
      if (!(answer instanceof Error) && wanted(answer)) return answer;
      last = answer instanceof Error ? answer.message : answer;
      await sleep(20);
    }
    throw new Error(
      `no such answer from :${port}${path}: ${JSON.stringify(last)}\n${this.log().slice(-15).join('\n')}`,
    );
  }

  /** Waits until a line of the log has this text. @throws Error after `timeoutMs` */
  async logged(text: string, timeoutMs = 10_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!this.log().some((line) => line.includes(text))) {
      if (Date.now() > end)
        throw new Error(`no line with ${JSON.stringify(text)}:\n${this.log().slice(-20).join('\n')}`);
      await sleep(10);
    }
  }

  /** Waits until the tunnel is up and the public address known. */
  connected(): Promise<void> {
    return this.logged('Public IP address is');
  }
}

/** Why curl: it connects inside the pod's namespace, which this process is not in. */
async function askInPod(
  port: number,
  method: string,
  path: string,
  headers: object,
  body?: string,
): Promise<WireAnswer> {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const data = body === undefined ? [] : ['--data-binary', body];
  const url = `http://127.0.0.1:${port}${path}`;
  const argv = ['curl', '-s', '-i', '-m', '30', '--path-as-is', '-X', method, ...given, ...data, url];
  const text = await new CommandRunner().read([...inNamespace(namespacePath('gpod')), ...argv]);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line) => line.split(/: (.*)/s).slice(0, 2));
  const all = Object.fromEntries(pairs) as Record<string, string>;
  return { status: Number(first.split(' ')[1]), headers: { ...all, Date: '<date>' }, body: rest.join('\r\n\r\n') };
}

/** Removes a pod's files. */
export function forget(files: PodFiles): void {
  rmSync(files.directory, { recursive: true, force: true });
}
