/** @module The action `status`: the tunnel, the exit, the clients. */

import type { ActionResult, CharmPorts } from '@vpn-k8s/charm';
import { configGet, relationIds, relationListApp } from '@vpn-k8s/juju';
import { gather } from './gather.ts';
import { parseSettings } from './settings.ts';

/** Results of `juju run APP/leader status`. @throws Error with a sentence when there is nothing to show */
export async function statusAction(_: unknown, ports: CharmPorts): Promise<ActionResult> {
  const { control, leader, workload } = await gather(ports, parseSettings(configGet(), ports.context.application));
  if (!leader) throw new Error(`This unit is on standby: juju run ${ports.context.application}/leader status`);
  if (!workload) throw new Error('The container gluetun does not answer.');
  return {
    tunnel: control.status ?? 'gluetun does not answer',
    service: workload.service ?? 'not configured',
    exit: { address: control.publicIp, city: control.city, country: control.country },
    clients: relationIds('vpn-gateway').map(relationListApp).join(' ') || 'none',
  };
}
