/** @module Reads what the charm decides on: Pebble's plan, service and configuration file of the workload, opened ports. */

import type { CharmPorts } from '@vpn-k8s/charm';
import { openedPorts } from '@vpn-k8s/juju';
import { type Pebble, PebbleUnreachable, type Plan, type ServiceStatus } from '@vpn-k8s/pebble';
import type { Verdict } from 'vpn-k8s-lib';
import { CONF_PATH, confValue, PASSWORD_KEY } from './conf.ts';
import { type CharmConfig, CONTAINER } from './config.ts';
import { type Credentials, readCredentials } from './credentials.ts';

/** The workload's container as Pebble tells it. */
export interface Workload {
  readonly plan: Plan;
  /** `inactive` also when the plan has no such service yet. */
  readonly service: ServiceStatus;
  /** qBittorrent.conf, or empty when there is none. */
  readonly conf: string;
}

/** Everything that a decision of this charm rests on. */
export interface Facts {
  /** `qbittorrent/0` */
  readonly unit: string;
  readonly config: CharmConfig;
  readonly verdict: Verdict;
  readonly openedPorts: readonly string[];
  /** Undefined while the container's Pebble does not answer. */
  readonly workload: Workload | undefined;
  /** qBittorrent.conf holds no password yet, or cannot be read. */
  readonly needsPassword: boolean;
  /** Only read while a password is needed, since each reading of a secret costs objects in the cluster. */
  readonly credentials: Credentials | undefined;
}

/** Reads the facts; nothing is changed. */
export async function gather(ports: CharmPorts, config: CharmConfig, verdict: Verdict): Promise<Facts> {
  const workload = await gatherWorkload(ports.pebble(CONTAINER));
  const needsPassword = confValue(workload?.conf ?? '', 'Preferences', PASSWORD_KEY) === undefined;
  const credentials = needsPassword ? readCredentials() : undefined;
  const { unit } = ports.context;
  return { unit, config, verdict, openedPorts: openedPorts(), workload, needsPassword, credentials };
}

async function gatherWorkload(pebble: Pebble): Promise<Workload | undefined> {
  try {
    const [plan, services, conf = ''] = await Promise.all([
      pebble.plan(),
      pebble.services(),
      pebble.pullFile(CONF_PATH),
    ]);
    const service = services.find(({ name }) => name === CONTAINER)?.current ?? 'inactive';
    return { plan, service, conf };
  } catch (error) {
    if (error instanceof PebbleUnreachable) return undefined;
    throw error;
  }
}
