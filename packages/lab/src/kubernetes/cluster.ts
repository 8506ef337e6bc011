/** @module The lab's Kubernetes beside its API server: controllers, one node with its kubelet, and a way into containers. */

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeClient, pods as podResource } from '@vpn-k8s/kube';
import { addresses } from '../network/addresses.ts';
import { type Caches, startCaches, stopCaches } from './caches.ts';
import { bootstrap } from './controllers/bootstrap.ts';
import { runClaims } from './controllers/claims.ts';
import { runEndpoints } from './controllers/endpoints.ts';
import { runScheduler, setCordon } from './controllers/scheduler.ts';
import { type ControllerPorts, runStatefulSets } from './controllers/stateful-sets.ts';
import { Events } from './events.ts';
import type { Images } from './images.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { KubeletPorts, Pace, PodNetwork } from './kubelet/ports.ts';
import type { Container } from './runtime/container.ts';
import { hostMounts } from './runtime/host-mounts.ts';
import { isSingleUser } from './runtime/user.ts';

/** The API server as the cluster needs it (ApiServer of @vpn-k8s/kube-testing). */
export interface ClusterApi {
  client(token?: string): KubeClient;
  issueToken(namespace: string, serviceAccount: string): string;
}

/** How a cluster is started. */
export interface ClusterOptions {
  readonly api: ClusterApi;
  readonly network: PodNetwork;
  readonly images: Images;
  /** Directory for pods, claims and logs; made when missing. */
  readonly dir: string;
  readonly log?: (line: string) => void;
  /** Milliseconds from a pod's change to the EndpointSlices that show it; may be changed while running. */
  readonly publishDelayMs?: number;
  readonly pace?: Partial<Pace>;
  /** Accept pods that ask for other users where only root exists (unprivileged user namespace): all run as root. */
  readonly singleUser?: boolean;
  readonly allowedSysctls?: readonly string[];
}

/** A container of a pod. */
export interface ContainerPath {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How a process in a container differs from the container's own. */
export interface ExecOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** For `execText`: what the process reads. */
  readonly stdin?: string;
}

/** What a process in a container ended with. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PACE: Pace = { restartMs: { first: 200, longest: 5000 }, volumeRefreshMs: 100 };
const NODE = 'node1';

/** A cluster of one node. */
export class Cluster {
  /** Milliseconds until EndpointSlices show a change. */
  publishDelayMs: number;
  readonly client: KubeClient;
  readonly caches: Caches;
  /** What is not modelled here, one sentence each; empty when the lab runs as root. */
  readonly notices: readonly string[];
  readonly #directory: string;
  readonly #kubelet: Kubelet;
  readonly #stops: (() => void)[];

  private constructor(options: ClusterOptions, client: KubeClient, caches: Caches) {
    const log = options.log ?? (() => {});
    this.client = client;
    this.caches = caches;
    this.publishDelayMs = options.publishDelayMs ?? 0;
    this.#directory = options.dir;
    const singleUser = singleUserMode(options.singleUser ?? false);
    this.notices = singleUser === 'accept' ? [NOTICE] : [];
    const ports: ControllerPorts = { client, caches, events: new Events(client, 'controller-manager', log), log };
    this.#stops = [
      runClaims(ports),
      runScheduler(ports, NODE),
      runStatefulSets(ports),
      runEndpoints(ports, () => this.publishDelayMs),
    ];
    this.#kubelet = new Kubelet(kubeletPorts(options, ports, singleUser));
    this.#kubelet.start();
  }

  /** Starts controllers and node on a running API server. Runs in the node's network namespace. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    mkdirSync(options.dir, { recursive: true });
    const client = options.api.client();
    await bootstrap(client, { ...addresses, nodeName: NODE });
    return new Cluster(options, client, await startCaches(client));
  }

  /** Runs a process in a running container as `kubectl exec -i` does. @throws Error when the container does not run */
  exec(path: ContainerPath, argv: readonly string[], options: ExecOptions = {}): ChildProcess {
    const container = this.#running(path);
    const { uid: user = container.spec.user, gid: group = container.spec.group, cwd = container.spec.cwd } = options;
    return container.exec(argv, { user, group, cwd, env: { ...container.spec.env, ...options.env } });
  }

  /** The same to its end, with what it printed. */
  async execText(path: ContainerPath, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const child = this.exec(path, argv, options);
    // Why: a program that does not read its input may end before all of it is written.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
    const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)]);
    return { code, stdout, stderr };
  }

  /** Sends a signal to a container's first process; the kubelet sees it end and starts it again. */
  killContainer(path: ContainerPath, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#running(path).signal(signal);
  }

  /** The process id of a container's first process on the node, undefined when it does not run. */
  pidOf({ namespace, pod, container }: ContainerPath): number | undefined {
    return this.#kubelet.worker(namespace, pod)?.container(container)?.pid;
  }

  /** Deletes a pod as `kubectl delete pod` does. */
  async deletePod(namespace: string, pod: string, gracePeriodSeconds?: number): Promise<void> {
    await this.client.delete(podResource, pod, { namespace, gracePeriodSeconds });
  }

  /** Keeps new pods off the node, or lets them on it again. */
  cordon(on = true): Promise<void> {
    return setCordon(this, NODE, on);
  }

  /** The directory behind a pod's volume. @throws Error when there is no such volume on the node */
  volumeDir({ namespace, pod }: Omit<ContainerPath, 'container'>, volume: string): string {
    const path = this.#kubelet.worker(namespace, pod)?.volumeDirectory(volume);
    if (path) return path;
    throw new Error(`Pod ${namespace}/${pod} has no volume "${volume}" on this node.`);
  }

  /** The log of a container of the present pod of that name, as `kubectl logs --timestamps` shows it. */
  logs({ namespace, pod, container }: ContainerPath): string {
    const uid = this.caches.pods.get(namespace, pod)?.metadata?.uid ?? '';
    const path = join(this.#directory, 'logs', `${namespace}_${pod}_${uid.slice(0, 8)}`, `${container}.log`);
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  }

  /** Resolves once `condition` gives something; looks after each change of a pod. @throws Error after `timeoutMs` */
  async until<T>(what: string, condition: () => T | undefined | false, timeoutMs = 30_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = condition();
      if (found) return found;
      if (Date.now() > end) throw new Error(`After ${timeoutMs / 1000} s still not: ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends controllers and kills all containers; the API server stays. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#kubelet.stop();
    await stopCaches(this.caches);
  }

  #running({ namespace, pod, container }: ContainerPath): Container {
    const found = this.#kubelet.worker(namespace, pod)?.container(container);
    if (found) return found;
    throw new Error(`Container "${container}" of pod ${namespace}/${pod} does not run.`);
  }
}

const NOTICE =
  'Not modelled here: users and groups (all containers run as root of one user namespace), and what depends on them: ' +
  'charm-user, the DNS exemption by group, file ownership. Run the lab as root for these.';

function singleUserMode(accept: boolean): 'no' | 'refuse' | 'accept' {
  if (!isSingleUser(readFileSync('/proc/self/uid_map', 'utf8'))) return 'no';
  return accept ? 'accept' : 'refuse';
}

function kubeletPorts(
  options: ClusterOptions,
  ports: ControllerPorts,
  singleUser: 'no' | 'refuse' | 'accept',
): KubeletPorts {
  const { api, network, images, dir } = options;
  return {
    ...ports,
    events: new Events(ports.client, 'kubelet', ports.log),
    network,
    images,
    directory: dir,
    nodeName: NODE,
    nodeAddress: addresses.node,
    naming: {
      clusterDns: addresses.dnsService,
      clusterDomain: 'cluster.local',
      nodeResolvConf: readFileSync('/etc/resolv.conf', 'utf8'),
    },
    pace: { ...PACE, ...options.pace },
    singleUser,
    hostMounts: hostMounts(readFileSync('/proc/self/mountinfo', 'utf8')),
    logLimit: 4 << 20,
    allowedSysctls: options.allowedSysctls ?? [],
    issueToken: (namespace, serviceAccount) => api.issueToken(namespace, serviceAccount),
  };
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 137));
  });
}
