/** @module The lab's Kubernetes. */
export { enforceBaseline, fillQuota } from './admission.ts';
export { Cache, keyOf } from './cache.ts';
export {
  Cluster,
  type ClusterApi,
  type ClusterOptions,
  type ContainerPath,
  type ExecOptions,
  type ExecResult,
} from './cluster.ts';
export { type Image, Images, PullFailed } from './images.ts';
export type { Pace, PodNetwork } from './kubelet/ports.ts';
