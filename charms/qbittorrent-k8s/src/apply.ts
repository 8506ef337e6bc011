/** @module Carries the changes out, in order; an error stops the rest and the next hook goes on from what is there. */

import type { CharmPorts } from '@vpn-k8s/charm';
import { openPort } from '@vpn-k8s/juju';
import { ChangeFailed, type Pebble } from '@vpn-k8s/pebble';
import { CONF_PATH } from './conf.ts';
import { CONTAINER, WEB_PORT } from './config.ts';
import { makeCredentials } from './credentials.ts';
import type { Change } from './diff.ts';
import type { Facts } from './gather.ts';

/**
 * Applies each change and logs its line.
 * @returns why qBittorrent did not start, when it was to
 * @throws PebbleError, HookToolError
 */
export async function apply(changes: readonly Change[], ports: CharmPorts, facts: Facts): Promise<string | undefined> {
  const pebble = ports.pebble(CONTAINER);
  let failure: string | undefined;
  for (const change of changes) {
    ports.log.info(change.line);
    if (change.kind === 'start') failure = await start(pebble);
    else await applyOne(change, pebble, facts);
  }
  return failure;
}

/** Why not thrown: Juju would run the hook again and again, which mends neither an image nor a configuration. */
async function start(pebble: Pebble): Promise<string | undefined> {
  try {
    await pebble.start([CONTAINER]);
    return undefined;
  } catch (error) {
    if (error instanceof ChangeFailed) return error.message;
    throw error;
  }
}

async function applyOne(change: Exclude<Change, { kind: 'start' }>, pebble: Pebble, facts: Facts): Promise<void> {
  switch (change.kind) {
    case 'credentials':
      await makeCredentials();
      return;
    case 'stop':
      await pebble.stop([CONTAINER]);
      return;
    case 'conf':
      await writeConf(pebble, change.text, facts);
      return;
    case 'layer':
      await pebble.addLayer('qbittorrent-k8s', change.layer, { combine: true });
      await startChecks(pebble, change.layer.checks);
      return;
    case 'port':
      openPort(WEB_PORT);
  }
}

/** Pebble starts a new check only at replan or by name; replan would also restart services, which the verdict decides on. */
async function startChecks(pebble: Pebble, checks: Readonly<Record<string, { startup?: string }>> = {}): Promise<void> {
  const named = (startup: string) => Object.keys(checks).filter((name) => checks[name]?.startup === startup);
  if (named('enabled').length > 0) await pebble.startChecks(named('enabled'));
  if (named('disabled').length > 0) await pebble.stopChecks(named('disabled'));
}

async function writeConf(pebble: Pebble, text: string, { config }: Facts): Promise<void> {
  const owner = { user: config.uid, group: config.gid };
  await pebble.makeDirs(['/config/qBittorrent', '/config/qBittorrent/config', '/downloads'], owner);
  await pebble.pushFile(CONF_PATH, text, { ...owner, permissions: '600' });
}
