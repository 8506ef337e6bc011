/** @module Reads what the charm decides on: Pebble's plan and service, the pushed files, gluetun's control server, the secret. */

import type { CharmPorts } from '@vpn-k8s/charm';
import { isLeader } from '@vpn-k8s/juju';
import { type Pebble, PebbleUnreachable, type Plan, type ServiceStatus } from '@vpn-k8s/pebble';
import { type Control, keyOf, readControl, silent } from './control.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { CONTAINER, CONTROL_ADDRESS, files } from './names.ts';
import type { ParsedSettings } from './settings.ts';

/** The gateway's container as Pebble tells it. */
export interface Workload {
  readonly plan: Plan;
  /** Undefined when the plan has no such service. */
  readonly service: ServiceStatus | undefined;
  /** Key of the control server in the container, undefined when the role file is missing or not ours. */
  readonly controlKey: string | undefined;
  /** Secret that the key files are of. */
  readonly secretId: string | undefined;
  /** What the charm knew of the tunnel when it ran last. */
  readonly seen: string | undefined;
  /** Content of the key files; read only together with the secret, to compare. */
  readonly keyFiles: { readonly privateKey: string | undefined; readonly presharedKey: string | undefined };
}

/** Everything that a decision of this charm rests on. */
export interface Facts {
  readonly application: string;
  readonly unit: string;
  readonly leader: boolean;
  readonly parsed: ParsedSettings;
  /** Undefined while the container's Pebble does not answer. */
  readonly workload: Workload | undefined;
  readonly control: Control;
  readonly credentials: Credentials;
}

const NO_KEYS = { privateKey: undefined, presharedKey: undefined };

/** Reads the facts; nothing is changed. */
export async function gather(ports: CharmPorts, parsed: ParsedSettings): Promise<Facts> {
  const { application, unit, secret } = ports.context;
  const pebble = ports.pebble(CONTAINER);
  const before = await gatherWorkload(pebble);
  const control = before ? await readControl(CONTROL_ADDRESS, before.controlKey) : silent;
  const leader = isLeader();
  const credentials = credentialsOf(parsed, before, application, leader, secret?.id);
  const keyFiles = before && credentials.kind === 'read' ? await pullKeys(pebble) : NO_KEYS;
  return { application, unit, leader, parsed, workload: before && { ...before, keyFiles }, control, credentials };
}

/** Why not each time: every reading of a secret leaves objects behind in the cluster. A changed secret is named by the context. */
function credentialsOf(
  parsed: ParsedSettings,
  workload: Workload | undefined,
  application: string,
  leader: boolean,
  changed: string | undefined,
): Credentials {
  if (parsed.kind !== 'settings' || !workload || !leader) return { kind: 'known' };
  const { secretId, rules } = parsed.settings;
  if (workload.secretId === secretId && changed !== secretId) return { kind: 'known' };
  return readCredentials(secretId, rules, application);
}

async function gatherWorkload(pebble: Pebble): Promise<Workload | undefined> {
  try {
    const [plan, services, roles, secretId, seen] = await Promise.all([
      pebble.plan(),
      pebble.services([CONTAINER]),
      pebble.pullFile(files.roles),
      pebble.pullFile(files.secretId),
      pebble.pullFile(files.seen),
    ]);
    const service = services[0]?.current;
    return { plan, service, controlKey: keyOf(roles), secretId, seen, keyFiles: NO_KEYS };
  } catch (error) {
    if (error instanceof PebbleUnreachable) return undefined;
    throw error;
  }
}

async function pullKeys(pebble: Pebble): Promise<Workload['keyFiles']> {
  const [privateKey, presharedKey] = await Promise.all([
    pebble.pullFile(files.privateKey),
    pebble.pullFile(files.presharedKey),
  ]);
  return { privateKey, presharedKey: presharedKey || undefined };
}
