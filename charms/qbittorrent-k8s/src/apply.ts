/** @module Carries the changes out, in order; an error stops the rest and the next hook goes on from what is there. */

import type { CharmPorts } from '@vpn-k8s/charm';
import { openPort } from '@vpn-k8s/juju';
import type { Pebble } from '@vpn-k8s/pebble';
import { CONF_PATH, mergeConf, PASSWORD_KEY } from './conf.ts';
import { CONTAINER, WEB_PORT } from './config.ts';
import { type Credentials, makeCredentials } from './credentials.ts';
import type { Change } from './diff.ts';
import type { Facts } from './gather.ts';

/** Applies each change and logs its line. @throws PebbleError, ChangeFailed, HookToolError */
export async function apply(changes: readonly Change[], ports: CharmPorts, facts: Facts): Promise<void> {
  const pebble = ports.pebble(CONTAINER);
  let credentials = facts.workload?.credentials;
  for (const change of changes) {
    ports.log.info(change.line);
    if (change.kind === 'credentials') credentials = await makeCredentials();
    else await applyOne(change, pebble, facts, credentials);
  }
}

async function applyOne(
  change: Change,
  pebble: Pebble,
  facts: Facts,
  credentials: Credentials | undefined,
): Promise<void> {
  switch (change.kind) {
    case 'stop':
      await pebble.stop([CONTAINER]);
      return;
    case 'conf':
      await writeConf(pebble, change.needsPassword ? withPassword(change.text, credentials) : change.text, facts);
      return;
    case 'layer':
      await pebble.addLayer('qbittorrent-k8s', change.layer, { combine: true });
      await startChecks(pebble, change.layer.checks);
      return;
    case 'start':
      await pebble.start([CONTAINER]);
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

function withPassword(text: string, credentials: Credentials | undefined): string {
  if (!credentials) throw new Error('The credentials of the web interface are missing although they were just made.');
  const values = { 'WebUI\\Username': credentials.username, [PASSWORD_KEY]: `"${credentials.pbkdf2}"` };
  return mergeConf(text, { Preferences: values });
}

async function writeConf(pebble: Pebble, text: string, { config }: Facts): Promise<void> {
  const owner = { user: config.uid, group: config.gid };
  await pebble.makeDirs(['/config/qBittorrent', '/config/qBittorrent/config', '/downloads'], owner);
  await pebble.pushFile(CONF_PATH, text, { ...owner, permissions: '600' });
}
