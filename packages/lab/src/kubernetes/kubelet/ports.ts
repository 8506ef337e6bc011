/** @module What the kubelet works with. */

import type { KubeClient } from '@vpn-k8s/kube';
import type { Caches } from '../caches.ts';
import type { Events } from '../events.ts';
import type { Images } from '../images.ts';
import type { Mount } from '../runtime/steps.ts';
import type { Naming } from './etc-files.ts';

/** The pods' network, as far as the kubelet asks it (packages/lab/src/network/pods.ts). */
export interface PodNetwork {
  /** Key is `<namespace>/<pod>`. */
  attach(pod: string): { readonly netns: string; readonly address: string };
  detach(pod: string): void;
}

/** How fast things go: the lab's are shorter than a real node's, and each is named beside the real one. */
export interface Pace {
  /** Back-off of a crashing container, first and longest (real: 10 s and 300 s). */
  readonly restartMs: { readonly first: number; readonly longest: number };
  /** From a ConfigMap's or Secret's change to the files in running pods (real: up to 60-90 s). */
  readonly volumeRefreshMs: number;
}

/** Everything around the pods. */
export interface KubeletPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: Events;
  readonly network: PodNetwork;
  readonly images: Images;
  /** The lab's directory: pods/, claims/, logs/. */
  readonly directory: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly naming: Naming;
  readonly pace: Pace;
  readonly singleUser: 'no' | 'refuse' | 'accept';
  readonly hostMounts: readonly Mount[];
  readonly logLimit: number;
  /** Unsafe sysctls that pods may set, e.g. `net.ipv4.ip_forward`. */
  readonly allowedSysctls: readonly string[];
  issueToken(namespace: string, serviceAccount: string): string;
  log(line: string): void;
}
