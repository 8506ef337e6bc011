/** @module The smallest protected charm: starts its workload when the verdict says so. */
import { type CharmPorts, main, type Status } from '@vpn-k8s/charm';
import { configGet } from '@vpn-k8s/juju';
import { type VerdictState, VPNGatewayRequirer } from 'vpn-k8s-lib';

const STATUS: Record<VerdictState, Status['status']> = {
  unrelated: 'blocked',
  waiting: 'waiting',
  ready: 'active',
  blocked: 'blocked',
};

async function reconcile(ports: CharmPorts): Promise<Status> {
  const required = configGet()['unsafe-mode'] !== true;
  const vpn = new VPNGatewayRequirer(ports, {
    relation: 'vpn-gateway',
    workload: ['web'],
    required,
    openPorts: [8080],
  });
  const verdict = await vpn.reconcile();
  if (verdict.mayStartWorkload) await ports.pebble('web').start(['web']);
  return { status: STATUS[verdict.state], message: verdict.reason };
}

await main({ name: 'alpha', reconcile });
