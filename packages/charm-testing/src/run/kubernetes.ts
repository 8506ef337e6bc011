/** @module The API server around a hook, filled with the objects of a state. */

import type { KubernetesRequest } from '../state/results.ts';
import type { KubernetesObject, State } from '../state/state.ts';
import type { Places } from './environment.ts';

/** An API server while the hook runs. */
export interface RunningKubernetes {
  readonly address: Places['kubernetes'];
  /** All objects, the server's own left out. */
  objects(): Promise<readonly KubernetesObject[]>;
  requests(): readonly KubernetesRequest[];
  stop(): Promise<void>;
}

/** Starts an API server and mounts the pod's token under `root`. */
export async function startKubernetes(_state: State, _root: string): Promise<RunningKubernetes> {
  throw new Error('Kubernetes objects in a State wait for the API server of kube-testing');
}
