/** @module One status, one sentence, with the next command in it. */

import type { Status } from '@vpn-k8s/charm';
import type { ProviderVerdict } from 'vpn-k8s-lib';
import type { Control } from './control.ts';
import type { Facts } from './gather.ts';

/** The unit's status from the facts and the library's verdict, which is missing when it was not asked. */
export function status(facts: Facts, verdict: ProviderVerdict | undefined): Status {
  const { credentials, leader, parsed, workload } = facts;
  if (parsed.kind === 'refused') return blocked(parsed.problems.join('; '));
  if (credentials.kind === 'refused') return blocked(credentials.problem);
  if (verdict?.blocked) return blocked(verdict.reason);
  if (!workload) return waiting('for the container gluetun to start');
  if (!leader) return waiting('standby: the leader is the gateway');
  const tunnel = tunnelProblem(facts);
  if (!verdict?.ready) return waiting(verdict?.overlay === undefined || !tunnel ? (verdict?.reason ?? '') : tunnel);
  if (tunnel) return waiting(tunnel);
  return { status: 'active', message: `exit ${exitOf(facts.control)}, ${clientCount(verdict.clients.length)}` };
}

const blocked = (message: string): Status => ({ status: 'blocked', message: message.slice(0, 400) });
const waiting = (message: string): Status => ({ status: 'waiting', message });

function tunnelProblem({ application, control, workload }: Facts): string | undefined {
  const log = `juju ssh --container gluetun ${application}/leader pebble logs gluetun`;
  if (workload?.service === 'backoff' || workload?.service === 'error') return `gluetun ends again and again: ${log}`;
  if (control.status === undefined) return 'gluetun does not answer yet';
  if (control.status === 'crashed') return `gluetun says crashed and tries again: ${log}`;
  if (control.status !== 'running') return `the tunnel is ${control.status}`;
  return control.publicIp === undefined ? "the exit's address is not known yet" : undefined;
}

/** The exit as people read it: address (city, country). */
export function exitOf({ publicIp, city, country }: Control): string {
  const place = [city, country].filter(Boolean).join(', ');
  return place === '' ? `${publicIp}` : `${publicIp} (${place})`;
}

function clientCount(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`;
}
