/** @module Loads Services and NetworkPolicies into the node's nftables, as kube-proxy and a network plug-in do. */

import { endpointSlices, type KubeClient, namespaces, networkPolicies, pods, services } from '@vpn-k8s/kube';
import { Cache } from '../kubernetes/cache.ts';
import type { CommandRunner } from './ip.ts';
import type { PodNetwork } from './pods.ts';
import { type PolicyPod, policyRules } from './policy.ts';
import { serviceRules } from './services.ts';
import { serviceTargets } from './targets.ts';

/** How this network plug-in behaves. */
export interface EngineOptions {
  /** False: policies are accepted by the API and ignored, as flannel does. */
  enforce: boolean;
  /** Milliseconds from a pod's start until its policies hold: every engine has such a window, and this one shows it. */
  startWindowMs: number;
}

/** Follows the cluster and loads a new rule set after each change. */
export class NetworkEngine {
  readonly options: EngineOptions;
  readonly #commands: CommandRunner;
  readonly #network: PodNetwork;
  readonly #seen = new Map<string, number>();
  readonly #pods;
  readonly #policies;
  readonly #namespaces;
  readonly #services;
  readonly #slices;
  #loaded: Record<string, string> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(kube: KubeClient, commands: CommandRunner, network: PodNetwork, options: EngineOptions) {
    this.options = options;
    this.#commands = commands;
    this.#network = network;
    this.#pods = new Cache(kube, pods);
    this.#policies = new Cache(kube, networkPolicies);
    this.#namespaces = new Cache(kube, namespaces);
    this.#services = new Cache(kube, services);
    this.#slices = new Cache(kube, endpointSlices);
  }

  /** Starts to follow; the first rules are loaded when it gives back. */
  async start(): Promise<void> {
    for (const cache of this.#caches()) {
      cache.onChange(() => this.schedule(5));
      await cache.start();
    }
    this.load();
  }

  /** Ends to follow; the rules stay as they are. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#caches().map((cache) => cache.stop()));
  }

  #caches(): { start(): Promise<void>; stop(): Promise<void>; onChange(listener: () => void): void }[] {
    return [this.#pods, this.#policies, this.#namespaces, this.#services, this.#slices];
  }

  /** Loads the rules soon; several changes in a row are one load. */
  schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.load();
    }, delayMs);
  }

  /** Loads the rules now, where they differ from the loaded ones. @throws CommandFailed when nft(8) refuses them */
  load(): void {
    this.#nft('policy', policyRules({ ...this.#world(), policies: this.options.enforce ? this.#policies.list() : [] }));
    this.#nft('services', serviceRules(serviceTargets(this.#services.list(), this.#slices.list())));
  }

  #nft(name: string, rules: string): void {
    if (this.#loaded[name] === rules) return;
    this.#commands.run(['nft', '-f', '-'], rules);
    this.#loaded[name] = rules;
  }

  #world() {
    const labels = this.#namespaces.list().map(({ metadata }) => [metadata?.name, metadata?.labels ?? {}]);
    return { pods: this.#policyPods(), namespaces: Object.fromEntries(labels) };
  }

  #policyPods(): PolicyPod[] {
    return this.#pods.list().flatMap(({ metadata }) => {
      const { namespace = '', name = '', labels = {} } = metadata ?? {};
      const link = this.#network.links().get(`${namespace}/${name}`);
      if (!link || !this.#isPast(link.hostInterface)) return [];
      return [{ namespace, name, labels, address: link.address, hostInterface: link.hostInterface }];
    });
  }

  /** Whether a link's start window is over; asks for another load when it will be. */
  #isPast(link: string): boolean {
    const now = Date.now();
    const since = this.#seen.get(link) ?? now;
    this.#seen.set(link, since);
    const left = since + this.options.startWindowMs - now;
    if (left > 0) this.schedule(left);
    return left <= 0;
  }
}
