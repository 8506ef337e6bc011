/** @module Reads what the charm decides on: Pebble's plan, service and configuration file of the workload, opened ports. */

import type { CharmPorts } from '@vpn-k8s/charm';
import { isLeader, openedPorts } from '@vpn-k8s/juju';
import { type Pebble, PebbleUnreachable, type Plan } from '@vpn-k8s/pebble';
import type { Verdict } from 'vpn-k8s-lib';
import { CONF_PATH, confValue, PASSWORD_KEY } from './conf.ts';
import { type CharmConfig, CONTAINER } from './config.ts';
import { type Credentials, readCredentials } from './credentials.ts';

/** The workload's container as Pebble tells it. */
export interface Workload {
  readonly plan: Plan;
  readonly running: boolean;
  /** qBittorrent.conf, or empty when there is none. */
  readonly conf: string;
  /** Only read while the configuration holds no password, since each reading of a secret costs objects in the cluster. */
  readonly credentials: Credentials | undefined;
}

/** Everything that a decision of this charm rests on. */
export interface Facts {
  readonly config: CharmConfig;
  readonly verdict: Verdict;
  readonly leader: boolean;
  readonly openedPorts: readonly string[];
  /** Undefined while the container's Pebble does not answer. */
  readonly workload: Workload | undefined;
}

/** Reads the facts; nothing is changed. */
export async function gather(ports: CharmPorts, config: CharmConfig, verdict: Verdict): Promise<Facts> {
  const workload = await gatherWorkload(ports.pebble(CONTAINER));
  return { config, verdict, leader: isLeader(), openedPorts: openedPorts(), workload };
}

async function gatherWorkload(pebble: Pebble): Promise<Workload | undefined> {
  try {
    const [plan, services, conf = ''] = await Promise.all([
      pebble.plan(),
      pebble.services(),
      pebble.pullFile(CONF_PATH),
    ]);
    const running = services.some(({ name, current }) => name === CONTAINER && current !== 'inactive');
    const known = confValue(conf, 'Preferences', PASSWORD_KEY) !== undefined;
    return { plan, running, conf, credentials: known ? undefined : readCredentials() };
  } catch (error) {
    if (error instanceof PebbleUnreachable) return undefined;
    throw error;
  }
}
