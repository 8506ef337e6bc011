/** @module gluetun-k8s: gather, the library's part, desired, diff, apply, status, on every hook. */

import { type Charm, type CharmPorts, main, type Status } from '@vpn-k8s/charm';
import { configGet } from '@vpn-k8s/juju';
import { type ProviderVerdict, VPNGatewayProvider } from 'vpn-k8s-lib';
import { apply } from './apply.ts';
import { isConnected } from './desired.ts';
import { diff } from './diff.ts';
import { type Facts, gather } from './gather.ts';
import { CONTAINER, TUNNEL } from './names.ts';
import { parseSettings, type Settings } from './settings.ts';
import { status } from './status.ts';
import { statusAction } from './status-action.ts';

/** The charm as main() runs it. Why no `wakes`: the check `news` fails whenever there is something to look at. */
export const charm: Charm = { name: 'gluetun-k8s', reconcile, actions: { status: statusAction } };

async function reconcile(ports: CharmPorts): Promise<Status> {
  const parsed = parseSettings(configGet(), ports.context.application);
  const facts = await gather(ports, parsed);
  // Why: without a configuration nothing is known to publish; what the clients have been told stays.
  const usable = parsed.kind === 'settings' && facts.credentials.kind !== 'refused';
  const verdict = usable ? await gateway(ports, parsed.settings, facts) : undefined;
  await apply(diff(facts, verdict?.overlay), ports);
  return status(facts, verdict);
}

function gateway(ports: CharmPorts, settings: Settings, { control }: Facts): Promise<ProviderVerdict> {
  const { agentImage, clusterCidrs, dnsAddress, endpoint, privileged, vxlanId, vxlanPort } = settings;
  const provider = new VPNGatewayProvider(ports, {
    relation: 'vpn-gateway',
    container: CONTAINER,
    tunnel: TUNNEL,
    clusterCidrs: clusterCidrs.join(','),
    tunnelDnsIps: dnsAddress,
    tunnelAccess: privileged ? 'privileged' : 'device',
    vxlanId,
    vxlanPort,
    ...(agentImage ? { agentImage } : {}),
  });
  const location = [control.country, control.city].filter(Boolean).join(', ');
  return provider.reconcile({
    connected: isConnected(control),
    externalIp: control.publicIp ?? null,
    endpoints: [endpoint],
    ...(location ? { location } : {}),
  });
}

await main(charm);
