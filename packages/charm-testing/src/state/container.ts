/** @module A workload container of the pod and its Pebble. */

import type { Layer, Plan } from '@vpn-k8s/pebble';

/** One workload container. */
export interface Container {
  readonly name: string;
  /** False: there is no socket, as before Pebble has started and after the container has ended. */
  readonly canConnect: boolean;
  /** Layers by label in the order they were added. */
  readonly layers: Readonly<Record<string, Layer>>;
  /** Names of services that run when the hook starts, and after the hook those that run. */
  readonly running: readonly string[];
  /** Programs on the PATH of the container by name, as shell scripts: what the layer's commands find. */
  readonly programs: Readonly<Record<string, string>>;
  /** Text of the container's own files by absolute path, before and after the hook; /usr, /etc and the like are the machine's. */
  readonly files: Readonly<Record<string, string>>;
  /** Combined plan after the hook, as Pebble tells it; empty before. */
  readonly plan: Plan;
}

const emptyPlan: Plan = { services: {}, checks: {}, 'log-targets': {} };

/** A container that can be reached, with everything left out filled in. */
export function newContainer(name: string, given: Partial<Omit<Container, 'name'>> = {}): Container {
  return { name, canConnect: true, layers: {}, running: [], programs: {}, files: {}, plan: emptyPlan, ...given };
}
