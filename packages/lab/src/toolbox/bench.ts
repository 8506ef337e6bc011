/** @module A bench for the agent alone: pods of the lab's network whose containers run the agent's scripts in the toolbox image. */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveDns } from '../dns/server.ts';
import { type Internet, startInternet } from '../internet/internet.ts';
import { capabilityNumbers } from '../kubernetes/runtime/capabilities.ts';
import { Container } from '../kubernetes/runtime/container.ts';
import { addresses } from '../network/addresses.ts';
import { CommandRunner } from '../network/ip.ts';
import { buildNetwork } from '../network/node.ts';
import { Oracle } from '../network/oracle.ts';
import { type PodLink, PodNetwork } from '../network/pods.ts';
import { until as holds } from '../until.ts';
import { buildToolbox } from './build.ts';
import { VpnProgram } from './vpn-program.ts';

const SCRIPTS = fileURLToPath(new URL('../../../vpn-k8s-lib/src/agent/', import.meta.url));
const SETTINGS = {
  K8S_DNS_IPS: addresses.dnsService,
  CLUSTER_DOMAIN: 'cluster.local',
  VXLAN_ID: '42',
  VXLAN_PORT: '4790',
  VXLAN_IP_NETWORK: '172.16.0',
  VXLAN_MTU: '',
  CHARM_UID: '170',
  AGENT_GID: '65170',
  CONFIG_HASH: '0a1b2c3d',
};

/** The settings of a client, as the library writes them; a test changes single keys. */
export const clientSettings: Readonly<Record<string, string>> = {
  ...SETTINGS,
  ROUTING_METHOD: 'pod-gateway',
  GATEWAY_NAME: 'gluetun-endpoints.vpn.svc.cluster.local',
  NOT_ROUTED_TO_GATEWAY_CIDRS: `${addresses.podCidr} ${addresses.serviceCidr}`,
  VXLAN_GATEWAY_IP: '172.16.0.1',
  OPEN_PORTS: '38813 8080',
};

/** The settings of the gateway. */
export const gatewaySettings: Readonly<Record<string, string>> = {
  ...SETTINGS,
  VXLAN_GATEWAY_FIRST_DYNAMIC_IP: '20',
  VPN_INTERFACE: 'tun0',
  CLUSTER_CIDRS: `${addresses.podCidr} ${addresses.serviceCidr}`,
  CLIENT_NAMES: 'qbittorrent-endpoints.vpn.svc.cluster.local',
  TUNNEL_DNS_IPS: addresses.echo,
  OPEN_PORTS: '38812 38813',
};

/** A pod whose agent containers the test starts and kills. */
export class AgentPod {
  readonly kind: 'client' | 'gateway';
  readonly link: PodLink;
  readonly dir: string;
  readonly #toolbox: string;
  sidecar: Container | undefined;
  /** Files of the image that a test hides behind others. */
  readonly covers: { source: string; target: string }[] = [];
  readonly #counts = { init: 0, sidecar: 0 };

  constructor(kind: 'client' | 'gateway', link: PodLink, toolbox: string, settings: Readonly<Record<string, string>>) {
    this.kind = kind;
    this.link = link;
    this.#toolbox = toolbox;
    this.dir = mkdtempSync(join(tmpdir(), `agent-${kind}-`));
    mkdirSync(join(this.dir, 'config'));
    for (const name of ['agent.sh', `${kind}_init.sh`, `${kind}_sidecar.sh`]) {
      copyFileSync(join(SCRIPTS, name), join(this.dir, 'config', name));
      chmodSync(join(this.dir, 'config', name), 0o755);
    }
    this.settings(settings);
    writeFileSync(join(this.dir, 'resolv.conf'), `search vpn.svc.cluster.local\nnameserver ${addresses.dnsService}\n`);
  }

  /** Writes settings.sh, also while the agent runs (as a kubelet changes a mounted ConfigMap: by rename). */
  settings(settings: Readonly<Record<string, string>>): void {
    const path = join(this.dir, 'config', 'settings.sh');
    const lines = Object.entries(settings).map(([key, value]) => `${key}="${value}"\n`);
    writeFileSync(`${path}.new`, lines.join(''));
    renameSync(`${path}.new`, path);
  }

  /** Runs the init container to its end; its exit code and the time it took. */
  async init(): Promise<{ code: number; milliseconds: number }> {
    const started = performance.now();
    const container = await this.#start('init');
    const { code } = await container.exited;
    return { code, milliseconds: performance.now() - started };
  }

  /** Starts the sidecar container. */
  async start(): Promise<Container> {
    this.sidecar = await this.#start('sidecar');
    return this.sidecar;
  }

  /** Kills the sidecar's container, every process of it, and waits until they are gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    this.sidecar?.signal(signal);
    return (await this.sidecar?.exited)?.code ?? 0;
  }

  /** What the latest init or sidecar container of this pod printed, without the runtime's stamps. */
  log(part: 'init' | 'sidecar'): string {
    const text = readFileSync(join(this.dir, `${part}-${this.#counts[part]}.log`), 'utf8');
    return text.replaceAll(/^\S+ (stdout|stderr) F /gm, '');
  }

  /** Runs a program of this machine in the pod's network namespace: the workload's part, as `uid` and `gid`. */
  run(argv: readonly string[], { uid = 1000, gid = 1000 } = {}): Promise<Output> {
    const user = [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--bounding-set=-all',
      '--no-new-privs',
    ];
    const args = [`--net=${this.link.netns}`, ...(uid === 0 ? [] : user), ...argv];
    return new Promise((resolve) => {
      const child = execFile('nsenter', args, { encoding: 'utf8', timeout: 8000 }, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout: stdout.trim(), stderr });
      });
    });
  }

  /** Runs ip(8), iptables(8) and the like in the pod's network namespace as root. */
  root(...argv: string[]): string {
    return execFileSync('nsenter', [`--net=${this.link.netns}`, ...argv], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** A workload that sends UDP and opens connections all the time, to the internet. */
  flood(): ChildProcess {
    const script = `while :; do echo x >/dev/udp/${addresses.echo}/9; (exec 3<>/dev/tcp/${addresses.echo}/80) 2>/dev/null; sleep 0.02; done`;
    const user = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
    return spawn('nsenter', [`--net=${this.link.netns}`, ...user, 'bash', '-c', script], { stdio: 'ignore' });
  }

  async #start(part: 'init' | 'sidecar'): Promise<Container> {
    this.#counts[part] += 1;
    const work = join(this.dir, `${part}-${this.#counts[part]}`);
    mkdirSync(work);
    const privileged = this.kind === 'gateway' && part === 'init';
    const bind = this.kind === 'gateway' ? ['NET_BIND_SERVICE', 'SETGID', 'SETUID'] : [];
    return Container.start({
      argv: ['/bin/sh', '-c', `exec /config/${this.kind}_${part}.sh`],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: '/',
      user: 0,
      group: 65170,
      groups: [],
      capabilities: capabilityNumbers({
        privileged,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW', ...bind] },
      }),
      noNewPrivileges: false,
      singleUser: false,
      netns: this.link.netns,
      hostname: this.kind === 'client' ? `qbittorrent-${this.link.address.split('.').at(-1)}` : 'gluetun-0',
      rootfs: this.#toolbox,
      work,
      mounts: [
        { source: join(this.dir, 'config'), target: '/config', readOnly: true },
        { source: join(this.dir, 'resolv.conf'), target: '/etc/resolv.conf', readOnly: true },
        ...this.covers.map((cover) => ({ ...cover, readOnly: true })),
      ],
      privileged,
      readOnlyRoot: false,
      log: { path: `${work}.log`, limit: 10_000_000 },
    });
  }
}

/** What a program printed, without blanks at the ends, and how it ended. */
export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Node, ISP, internet, the cluster's DNS (a map of names to addresses) and pods. */
export class Bench {
  readonly commands = new CommandRunner();
  readonly names: Record<string, string[]> = {};
  readonly oracle: Oracle;
  readonly pods: PodNetwork;
  readonly toolbox: string;
  readonly internet: Internet;
  #number = 0;

  private constructor(toolbox: string, oracle: Oracle, pods: PodNetwork, internet: Internet) {
    this.toolbox = toolbox;
    this.oracle = oracle;
    this.pods = pods;
    this.internet = internet;
  }

  /** Builds the bench in this process's network namespace, which must be the lab's node. */
  static async start(): Promise<Bench> {
    const commands = new CommandRunner();
    buildNetwork(commands);
    const oracle = new Oracle(commands);
    commands.run(['ip', 'addr', 'add', `${addresses.dnsService}/32`, 'dev', 'lo']);
    const bench = new Bench(await buildToolbox(), oracle, new PodNetwork(commands), await startInternet(commands));
    serveDns(addresses.dnsService, async ({ name }) => {
      const known = bench.names[name];
      return known ? { code: 'NOERROR', addresses: known, ttl: 0 } : { code: 'NXDOMAIN', addresses: [], ttl: 0 };
    });
    return bench;
  }

  /** Makes a pod and its name in the cluster's DNS; the agent is not started yet. */
  pod(kind: 'client' | 'gateway', change: Record<string, string> = {}): AgentPod {
    this.#number += 1;
    const link = this.pods.attach(`vpn/${kind}-${this.#number}`);
    const base = kind === 'client' ? clientSettings : gatewaySettings;
    this.publish(kind, [...(kind === 'client' ? (this.names[clientName] ?? []) : []), link.address]);
    return new AgentPod(kind, link, this.toolbox, { ...base, ...change });
  }

  /** Takes a pod's network away, as the end of the pod does. */
  detach(pod: AgentPod): void {
    for (const [key, link] of this.pods.links()) if (link === pod.link) this.pods.detach(key);
  }

  /** Says which addresses the cluster's DNS answers for the gateway or for the clients. */
  publish(kind: 'client' | 'gateway', list: string[]): void {
    this.names[kind === 'client' ? clientName : gatewayName] = list;
  }

  /** The ISP's count of clear packets since `before`. */
  async leaked(before = 0): Promise<number> {
    return (await this.oracle.read()).clear - before;
  }
}

const clientName = gatewaySettings.CLIENT_NAMES as string;
const gatewayName = clientSettings.GATEWAY_NAME as string;

/** Waits until `condition` holds, asking every `everyMs`; answers how many ms it took. @throws TimedOut */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
  everyMs = 20,
): Promise<number> {
  const started = performance.now();
  await holds(what, async () => condition(), { seconds: timeoutMs / 1000, everyMs });
  return performance.now() - started;
}

/** A gateway with its tunnel. */
export interface RunningGateway {
  readonly pod: AgentPod;
  readonly vpn: VpnProgram;
}

/** Starts a gateway pod as Kubernetes does: init, then the VPN program and the sidecar side by side. */
export async function startGateway(bench: Bench, change: Record<string, string> = {}): Promise<RunningGateway> {
  const pod = bench.pod('gateway', change);
  await pod.init();
  const { vpnServer } = bench.internet;
  const vpn = new VpnProgram(pod.link, { server: vpnServer.keys, customer: vpnServer.customer });
  vpn.closeFirewall();
  await Promise.all([pod.start(), vpn.start()]);
  return { pod, vpn };
}

/** Starts a client pod and waits until its packets leave by the VPN. */
export async function startClient(bench: Bench, change: Record<string, string> = {}): Promise<AgentPod> {
  const pod = bench.pod('client', change);
  await pod.init();
  await pod.start();
  await until('the client leaves by the VPN', async () => (await exitAddress(pod)) === addresses.vpnServer);
  return pod;
}

/** The address that the internet sees of a pod's workload, or an empty text. */
export async function exitAddress(pod: AgentPod, seconds = 0.5): Promise<string> {
  return (await pod.run(['curl', '-s', '-m', String(seconds), `http://${addresses.echo}/`])).stdout;
}
