/** @module VPNGatewayProvider: the gateway charm's one call per hook. */
import type { CharmPorts } from '@vpn-k8s/charm';
import { apply } from '../apply.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import { gather } from './gather.ts';
import type { ProviderOptions, TunnelView } from './options.ts';
import { judge } from './status.ts';
import type { ProviderVerdict } from './verdict.ts';

/**
 * The gateway side of the relation `vpn-gateway`: publishes the tunnel to every client, and puts the overlay's init and
 * sidecar into its own pod.
 *
 * @example
 * const gateway = new VPNGatewayProvider(ports, { relation: 'vpn-gateway', container: 'gluetun', tunnel: 'tun0', clusterCidrs: '10.1.0.0/16' });
 * const { ready, reason } = await gateway.reconcile({ connected: true, externalIp: '203.0.113.5' });
 */
export class VPNGatewayProvider {
  readonly ports: CharmPorts;
  readonly options: ProviderOptions;

  constructor(ports: CharmPorts, options: ProviderOptions) {
    this.ports = ports;
    this.options = options;
  }

  /**
   * Walks the whole path once with the tunnel's state as the charm sees it.
   * @throws ApiError for failures that go away by themselves, so that Juju runs the hook again
   */
  async reconcile(view: TunnelView): Promise<ProviderVerdict> {
    const facts = await gather(this.ports, this.options, view);
    const want = desired(facts);
    return judge(facts, want, await apply(this.ports, diff(facts, want)));
  }
}
