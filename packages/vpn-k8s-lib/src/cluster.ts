/** @module Reads of the API server that a side needs in every hook; one that is refused leaves its object out and says so. */
import type { CharmPorts } from '@vpn-k8s/charm';
import {
  ApiError,
  configMaps,
  endpointSlices,
  type KubeClient,
  networkPolicies,
  pods,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import type { Ip } from '@vpn-k8s/net';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { refusalOf } from './changes.ts';
import { type Found, resolversOfServices } from './discovery.ts';
import { ownerOf } from './objects.ts';

/** The application's own objects as they are. */
export interface Live {
  readonly policy: NetworkPolicy | undefined;
  readonly configMap: ConfigMap | undefined;
  readonly statefulSet: StatefulSet | undefined;
  /** This unit's pod. */
  readonly pod: Pod | undefined;
}

/** Why something could not be read: a person must act, or Juju should run the hook again. */
export type ReadProblem =
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly error: Error };

/** What the API server said. */
export interface ClusterFacts {
  readonly live: Live;
  readonly slice: EndpointSlice | undefined;
  /** Uid of the application's ServiceAccount, the owner of our objects. */
  readonly ownerUid: string | undefined;
  readonly problem: ReadProblem | undefined;
}

/** Whose objects to read. */
export interface Names {
  readonly app: string;
  readonly namespace: string;
  /** Juju's name of the unit, e.g. `qbittorrent/0`; its pod is `qbittorrent-0`. */
  readonly unit: string;
  readonly policy: string;
  readonly configMap: string;
}

/** Reads all of it: five requests at once, and the ServiceAccount while one of our objects has no owner yet. */
export async function readCluster(ports: CharmPorts, names: Names): Promise<ClusterFacts> {
  const problems: ReadProblem[] = [];
  const guarded = async <T>(read: (kube: KubeClient) => Promise<T | undefined>) => {
    try {
      return await read(await ports.kube());
    } catch (error) {
      problems.push(problemOf(error, names.app));
      return undefined;
    }
  };
  const { app, namespace, unit } = names;
  const here = { namespace };
  const [policy, configMap, statefulSet, pod, slice] = await Promise.all([
    guarded((kube) => kube.get(networkPolicies, names.policy, here)),
    guarded((kube) => kube.get(configMaps, names.configMap, here)),
    guarded((kube) => kube.get(statefulSets, app, here)),
    guarded((kube) => kube.get(pods, unit.replace('/', '-'), here)),
    guarded((kube) => kube.get(endpointSlices, 'kubernetes', { namespace: 'default' })),
  ]);
  const known = ownerOf([policy, configMap], app);
  const account = known ? undefined : await guarded((kube) => kube.get(serviceAccounts, app, here));
  const ownerUid = known ?? account?.metadata?.uid;
  return { live: { policy, configMap, statefulSet, pod }, slice, ownerUid, problem: worst(problems) };
}

/** Addresses of the cluster's resolver by its Services; [] when they may not be listed. */
export async function readResolvers(ports: CharmPorts): Promise<Found<Ip>> {
  const how = 'Services in kube-system with k8s-app=kube-dns';
  try {
    const options = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' };
    return { values: resolversOfServices(await (await ports.kube()).list(services, options)), how };
  } catch (error) {
    if (error instanceof ApiError) return { values: [], how };
    throw error;
  }
}

function problemOf(error: unknown, app: string): ReadProblem {
  if (!(error instanceof Error)) throw error;
  const sentence = refusalOf(error, app);
  return sentence === undefined ? { kind: 'failed', error } : { kind: 'refused', sentence };
}

/** Why refused first: what a person must do is worth more than that a server was slow. */
function worst(problems: readonly ReadProblem[]): ReadProblem | undefined {
  return problems.find(({ kind }) => kind === 'refused') ?? problems[0];
}
