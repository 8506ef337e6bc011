/** @module VPNGatewayRequirer: a client charm's one call per hook. */
import type { CharmPorts } from '@vpn-k8s/charm';
import type { Verdict } from '../verdict.ts';
import { apply, stopWorkload } from './apply.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import { gather, gatherAhead, gatherHere } from './gather.ts';
import type { RequirerOptions } from './options.ts';
import { settle } from './settle.ts';
import { judge, mustStop, mustStopNow } from './status.ts';

/**
 * The client side of the relation `vpn-gateway`: reads the relation, the pod and the cluster, writes what differs, and judges
 * whether the workload may run.
 *
 * @example
 * const vpn = new VPNGatewayRequirer(ports, { relation: 'vpn-gateway', workload: ['qbittorrent'], required: true, openPorts: [8080] });
 * const verdict = await vpn.reconcile();
 */
export class VPNGatewayRequirer {
  readonly ports: CharmPorts;
  readonly options: RequirerOptions;

  constructor(ports: CharmPorts, options: RequirerOptions) {
    this.ports = ports;
    this.options = options;
  }

  /** Starts to read what the first `reconcile` with these ports needs of the cluster, while the charm reads Juju. */
  static readAhead(ports: CharmPorts): void {
    gatherAhead(ports);
  }

  /**
   * Walks the whole path once: gather, desired, diff, apply, status. A workload in a pod that is not proven to be locked is
   * stopped before any answer of the cluster is waited for.
   * @throws ApiError when the API server does not answer as it should and this pod's lock is not proven: Juju runs the hook again
   */
  async reconcile(): Promise<Verdict> {
    const { ports, options } = this;
    const here = gatherHere(ports, options);
    const stopped = mustStopNow(here, options) ? await stopWorkload(ports, options.workload) : [];
    const facts = await gather(ports, options, here);
    if (mustStop(facts) && !mustStopNow(here, options)) stopped.push(...(await stopWorkload(ports, options.workload)));
    if (facts.problem?.kind === 'failed' && mustStop(facts)) throw facts.problem.error;
    const want = desired(facts);
    const outcome = await apply(ports, diff(facts, want));
    const done = [...stopped.map((name) => `stop ${name}`), ...outcome.done];
    const last = await settle(ports, facts, want, outcome);
    return judge(last, want, { ...outcome, done });
  }
}
