/** @module VPNGatewayRequirer: a client charm's one call per hook. */
import type { CharmPorts } from '@vpn-k8s/charm';
import type { Verdict } from '../verdict.ts';
import type { RequirerOptions } from './options.ts';

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

  /** Walks the whole path once: gather, desired, diff, apply, status. Errors that Juju should retry are thrown. */
  async reconcile(): Promise<Verdict> {
    return {
      state: 'waiting',
      reason: 'not built yet',
      changed: false,
      mayStartWorkload: false,
      mustStopWorkload: true,
    };
  }
}
