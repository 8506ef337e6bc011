/**
 * @module The cluster's DNS as a program for its own pod: cluster names from the API server, the rest from upstream.
 *
 * It behaves as CoreDNS with the plug-ins kubernetes, cache and forward: `ttl` is on every answer, `cacheSeconds` keeps
 * positive and negative answers that long (0: no cache for the cluster's names, as kubeadm configures since 1.31).
 */

import { endpointSlices, KubeClient, services } from '@vpn-k8s/kube';
import { Cache } from '../kubernetes/cache.ts';
import type { Answer } from './message.ts';
import { forwardQuery, serveDns } from './server.ts';
import { clusterZone, lookup, type Zone } from './zone.ts';

/** How this resolver behaves; the first argument of the program, as JSON. */
export interface ResolverOptions {
  readonly listen: string;
  readonly domain: string;
  readonly upstream: string;
  /** Seconds on answers. */
  readonly ttl: number;
  /** Seconds that an answer of the cluster's zone is kept, positive or negative. */
  readonly cacheSeconds: number;
}

/** Resolves names of the zone with a cache in front; `now` is milliseconds. */
export class ClusterResolver {
  readonly #options: ResolverOptions;
  readonly #cache = new Map<string, { until: number; answer: Answer }>();
  zone: Zone = {};

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** The answer for a name of the cluster, undefined for any other name. */
  resolve(name: string, now: number): Answer | undefined {
    const kept = this.#cache.get(name);
    if (kept && kept.until > now) return kept.answer;
    const { domain, ttl, cacheSeconds } = this.#options;
    const answer = lookup(this.zone, name, domain, ttl);
    if (answer && cacheSeconds > 0) this.#cache.set(name, { until: now + cacheSeconds * 1000, answer });
    return answer;
  }
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '') as ResolverOptions;
  const resolver = new ClusterResolver(options);
  const kube = await KubeClient.inCluster();
  const caches = [new Cache(kube, services), new Cache(kube, endpointSlices)] as const;
  for (const cache of caches) {
    cache.onChange(() => {
      resolver.zone = clusterZone(caches[0].list(), caches[1].list(), options.domain);
    });
    await cache.start();
  }
  serveDns(options.listen, async (question, query) => {
    const own = resolver.resolve(question.name, Date.now());
    if (own) return own;
    return (await forwardQuery(options.upstream, query)) ?? { code: 'SERVFAIL', addresses: [], ttl: 0 };
  });
}

if (import.meta.main) await main();
