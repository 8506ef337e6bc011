/** @module qbittorrent-k8s: gather, desired, diff, apply, status, on every hook. */

import { type Charm, type CharmPorts, main, type Status } from '@vpn-k8s/charm';
import { configGet } from '@vpn-k8s/juju';
import { VPNGatewayRequirer } from 'vpn-k8s-lib';
import { apply } from './apply.ts';
import { CONTAINER, parseConfig, WEB_PORT } from './config.ts';
import { credentials } from './credentials.ts';
import { desired } from './desired.ts';
import { diff } from './diff.ts';
import { gather } from './gather.ts';
import { status } from './status.ts';

/** The charm as main() runs it. */
export const charm: Charm = {
  name: 'qbittorrent-k8s',
  reconcile,
  reads: { config: true, ports: true, endpoint: 'vpn-gateway' },
  readAhead: (ports) => VPNGatewayRequirer.readAhead(ports),
  actions: { 'get-credentials': credentials },
  wakes: [{ container: CONTAINER, check: 'vpn' }],
};

async function reconcile(ports: CharmPorts): Promise<Status> {
  const { config, problems } = parseConfig(configGet());
  const vpn = new VPNGatewayRequirer(ports, {
    relation: 'vpn-gateway',
    workload: [CONTAINER],
    required: !config.unsafeMode,
    openPorts: [WEB_PORT],
    config: config.overrides,
  });
  const verdict = await vpn.reconcile();
  const facts = await gather(ports, config, verdict);
  const wanted = desired(facts);
  const changes = problems.length > 0 ? [] : diff(facts, wanted);
  const failure = await apply(changes, ports, facts);
  return status(facts, problems, changes, failure);
}

await main(charm);
