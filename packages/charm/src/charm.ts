/** @module What a charm is: a name, one reconcile, and actions. */

import type { HookContext, Reads } from '@vpn-k8s/juju';
import type { KubeClient } from '@vpn-k8s/kube';
import type { Pebble } from '@vpn-k8s/pebble';
import type { Log } from './log.ts';

/** A status that a charm may set: one sentence, with the next command in it when somebody has to do something. */
export interface Status {
  readonly status: 'active' | 'waiting' | 'blocked' | 'maintenance';
  readonly message: string;
}

/** Results of an action; nested objects become dotted keys, null and undefined are left out. */
export interface ActionResult {
  readonly [key: string]: string | number | boolean | null | undefined | ActionResult;
}

/** Parameters of an action; Juju has checked them against actions.yaml and filled in defaults. */
export type ActionParameters = Readonly<Record<string, unknown>>;

/** An action; an Error that it throws fails the action with the error's sentence. */
export type Action = (parameters: ActionParameters, ports: CharmPorts) => Promise<ActionResult>;

/** A charm: every hook runs `reconcile`, whatever the hook's name. */
export interface Charm {
  readonly name: string;
  readonly reconcile: (ports: CharmPorts) => Promise<Status>;
  readonly actions?: Readonly<Record<string, Action>>;
  /** What `reconcile` asks Juju in every hook: read side by side before it is called. */
  readonly reads?: Reads;
  /** Starts slow reads of other kinds, without waiting for them, while Juju is asked. */
  readonly readAhead?: (ports: CharmPorts) => void;
  /** Checks whose coming up ends the waiting; see wake.ts. */
  readonly wakes?: readonly Wake[];
}

/** A Pebble check that becomes true when a waiting charm should look again. */
export interface Wake {
  readonly container: string;
  readonly check: string;
}

/** The ways out of a charm besides hook tools. */
export interface CharmPorts {
  readonly context: HookContext;
  /**
   * Prefix of every path of the pod that is read (/proc, /sys, /charm/containers, /var/run/secrets). '' in real life;
   * the test kit sets CHARM_TESTING_ROOT.
   */
  readonly root: string;
  readonly log: Log;
  /** Pebble of a workload container; nothing is connected before it is asked something. */
  pebble(container: string): Pebble;
  /** The API server with the pod's own token; the same client each time. */
  kube(): Promise<KubeClient>;
}
