/**
 * @module The whole system on one machine, started in the order in which a real one comes up:
 * network, internet, API server, node, cluster DNS, Juju controller.
 */

import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeClient, namespaces } from '@vpn-k8s/kube';
import { ApiServer } from '@vpn-k8s/kube-testing';
import { buildPebble } from '@vpn-k8s/pebble-testing';
import { bundleProgram, IMAGE_NODE } from './bundle.ts';
import { COREDNS_IMAGE, corednsImage, createDns, type DnsBehaviour } from './dns/pod.ts';
import { gluetunImage } from './gluetun/bundle.ts';
import { type Internet, startInternet } from './internet/internet.ts';
import { Controller, jujuImages } from './juju/index.ts';
import { Cluster } from './kubernetes/cluster.ts';
import { Images } from './kubernetes/images.ts';
import { addresses } from './network/addresses.ts';
import { type EngineOptions, NetworkEngine } from './network/engine.ts';
import { CommandRunner } from './network/ip.ts';
import { buildNetwork } from './network/node.ts';
import { Oracle } from './network/oracle.ts';
import { PodNetwork } from './network/pods.ts';
import { buildToolbox } from './toolbox/index.ts';

/** How a lab is started; what is left out behaves as a common cluster does. */
export interface LabOptions {
  /** Directory for pods, claims and logs. */
  readonly dir: string;
  /** The model's name, which is also the namespace. */
  readonly model?: string;
  readonly policies?: Partial<EngineOptions>;
  readonly dns?: Partial<DnsBehaviour>;
  /** Milliseconds from a pod's change to the EndpointSlices that show it. */
  readonly publishDelayMs?: number;
  readonly updateStatusSeconds?: number;
  /** Accept pods that ask for other users where there is only one (unprivileged user namespace). */
  readonly singleUser?: boolean;
  readonly log?: (line: string) => void;
  /** The real Pebble where it can be had, by default. */
  readonly pebble?: 'real' | 'stand-in';
}

/** References of the images that the charms use. */
export const images = {
  toolbox: 'ghcr.io/angelnu/pod-gateway:v1.13.0',
  gluetun: 'ghcr.io/qdm12/gluetun:v3.41.1',
  qbittorrent: 'lscr.io/linuxserver/qbittorrent:latest',
} as const;

/** A running lab. */
export class Lab {
  readonly model: string;
  readonly api: ApiServer;
  readonly kube: KubeClient;
  readonly cluster: Cluster;
  readonly controller: Controller;
  readonly engine: NetworkEngine;
  readonly network: PodNetwork;
  readonly oracle: Oracle;
  readonly internet: Internet;
  readonly images: Images;
  /** Which Pebble runs the containers: the real one where Go could build it. */
  readonly pebble: 'real' | 'stand-in';

  private constructor(parts: Omit<Lab, 'stop' | 'podAddress'>) {
    this.model = parts.model;
    this.api = parts.api;
    this.kube = parts.kube;
    this.cluster = parts.cluster;
    this.controller = parts.controller;
    this.engine = parts.engine;
    this.network = parts.network;
    this.oracle = parts.oracle;
    this.internet = parts.internet;
    this.images = parts.images;
    this.pebble = parts.pebble;
  }

  /** Starts everything; runs as the lab's node (see inside.ts). @throws CommandFailed, Error with a sentence */
  static async start(options: LabOptions): Promise<Lab> {
    const { dir, model = 'vpn', log = () => {} } = options;
    mkdirSync(dir, { recursive: true });
    const commands = new CommandRunner(log);
    buildNetwork(commands);
    const oracle = new Oracle(commands);
    const network = new PodNetwork(commands);
    const [internet, store, api] = await Promise.all([startInternet(commands), fillImages(options), startApi()]);
    const kube = api.client();
    const policies = { enforce: true, startWindowMs: 0, ...options.policies };
    const engine = new NetworkEngine(kube, commands, network, policies);
    const cluster = await Cluster.start({
      ...{ api, network, images: store, dir: join(dir, 'node'), log },
      publishDelayMs: options.publishDelayMs ?? 0,
      singleUser: options.singleUser ?? false,
    });
    await engine.start();
    await createDns(kube);
    await kube.create(namespaces, { metadata: { name: model, labels: { 'kubernetes.io/metadata.name': model } } });
    const dns = await dnsAddress(cluster);
    oracle.exempt(dns);
    const controller = await Controller.start(controllerOptions(options, api, kube, model, log));
    const pebble = await pebbleKind(options);
    return new Lab({ pebble, model, api, kube, cluster, controller, engine, network, oracle, internet, images: store });
  }

  /** The address of a pod of the model, once it has one. */
  podAddress(pod: string): string | undefined {
    return this.cluster.caches.pods.get(this.model, pod)?.status?.podIP;
  }

  /** Ends Juju, the node and the API server; the namespaces end with the process. */
  async stop(): Promise<void> {
    await this.controller.stop();
    await this.engine.stop();
    await this.cluster.stop();
    this.internet.vpnServer.stop();
    this.internet.web.kill();
    await this.api.stop();
  }
}

function startApi(): Promise<ApiServer> {
  const { address, port } = addresses.apiServer;
  return ApiServer.start({ host: address, port, extraSans: [addresses.kubernetesService, 'kubernetes.default.svc'] });
}

async function fillImages(options: LabOptions): Promise<Images> {
  const store = new Images();
  const behaviour = { ttl: 5, cacheSeconds: 0, ...options.dns };
  const [toolbox, gluetun, coredns, traffic, juju] = await Promise.all([
    buildToolbox(),
    gluetunImage(),
    corednsImage(behaviour),
    bundleProgram('traffic', new URL('./traffic.ts', import.meta.url)),
    jujuImages({ pebble: await pebbleKind(options) }),
  ]);
  const workload = [
    { path: '/traffic', source: traffic },
    { path: IMAGE_NODE, source: realpathSync(process.execPath) },
  ];
  store.set(images.toolbox, { rootfs: toolbox });
  store.set(images.gluetun, gluetun);
  store.set(images.qbittorrent, { rootfs: 'host', files: workload });
  store.set(COREDNS_IMAGE, coredns);
  for (const [reference, image] of Object.entries(juju)) store.set(reference, image);
  return store;
}

async function pebbleKind({ pebble }: LabOptions): Promise<'real' | 'stand-in'> {
  return pebble ?? ((await buildPebble().catch(() => undefined)) ? 'real' : 'stand-in');
}

function dnsAddress(cluster: Cluster): Promise<string> {
  const ready = () => {
    const status = cluster.caches.pods.get('kube-system', 'coredns')?.status;
    return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') && status.podIP;
  };
  return cluster.until('the cluster DNS is ready', ready);
}

function controllerOptions(
  options: LabOptions,
  api: ApiServer,
  kube: KubeClient,
  model: string,
  log: (line: string) => void,
) {
  const { address, port } = addresses.controller;
  return { api, kube, model, host: address, port, log, updateStatusSeconds: options.updateStatusSeconds ?? 300 };
}
