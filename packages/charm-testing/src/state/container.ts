/** @module A workload container of the pod and its Pebble. */

/** A Pebble layer as in its YAML. */
export type PebbleLayer = Readonly<Record<string, unknown>>;

/** One workload container. */
export interface Container {
  readonly name: string;
  /** False: there is no socket, as before Pebble has started and after the container has ended. */
  readonly canConnect: boolean;
  /** Layers by label in the order they were added. */
  readonly layers: Readonly<Record<string, PebbleLayer>>;
  /** Names of services that run when the hook starts, and after the hook those that run. */
  readonly running: readonly string[];
  /** Programs on the PATH of the container by name, as shell scripts: what the layer's commands find. */
  readonly programs: Readonly<Record<string, string>>;
  /** Combined plan after the hook, as Pebble tells it (YAML). */
  readonly plan: string;
}

/** A container that can be reached, with everything left out filled in. */
export function newContainer(name: string, given: Partial<Omit<Container, 'name'>> = {}): Container {
  return { name, canConnect: true, layers: {}, running: [], programs: {}, plan: '', ...given };
}
