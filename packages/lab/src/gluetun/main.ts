/**
 * @module A stand-in for gluetun 3.41.1: same settings, control server, health server, firewall and files as recorded from the
 * real program, driving a real WireGuard tunnel. It runs in the lab as /gluetun-entrypoint.
 */

import { existsSync, readFileSync } from 'node:fs';
import { BadRole, parseDefaultRole, type Role, RolePanic } from './control/roles.ts';
import { createLog, type Log } from './log.ts';
import { Firewall, missingNetAdmin } from './network/firewall.ts';
import { type PodNetwork, readPodNetwork } from './network/surroundings.ts';
import { Program } from './program.ts';
import { BadValue } from './settings/go.ts';
import { checkLogLevel, readSettings } from './settings/read.ts';
import type { Settings } from './settings/settings.ts';
import { unfinished } from './settings/unfinished.ts';
import { validate } from './settings/validate.ts';

/** Reads a file, undefined when there is none. */
function file(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** The order is the recorded one: unreadable values, firewall, invalid values, everything else. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readSettings({ env, file });
  checkLogLevel(settings);
  const log = createLog(settings.system.logLevel);
  const network = readPodNetwork(log.part('routing'));
  const missing = missingNetAdmin();
  if (missing) throw new BadValue(missing);
  const firewall = new Firewall(log.part('firewall'), network, settings.firewall.enabled);
  firewall.enable();
  storage(log.part('storage'), settings);
  const fallback = checkAll(settings, network);
  log.info('Alpine version: none (stand-in)');
  log.info('OpenVPN version: none (stand-in)');
  log.info('IPtables version: of the container');
  log.info('Settings summary:');
  warnOfDnsAddress(log, settings);
  const refused = unfinished(settings, env);
  if (refused.length > 0) throw new BadValue(refused.join('; '));
  await new Program({ log, settings, network, firewall, fallback, file }).run();
}

/** Invalid values end the program with its firewall closed. @throws BadValue, RolePanic */
function checkAll(settings: Settings, network: PodNetwork): Role | undefined {
  validate(settings, { ipv6: network.ipv6 });
  try {
    return parseDefaultRole(settings.control.defaultRole);
  } catch (error) {
    throw error instanceof BadRole ? new BadValue(`control server settings: ${error.message}`) : error;
  }
}

/** The stand-in keeps no server list; it says what the real one says at this place. */
function storage(log: Log, settings: Settings): void {
  const known = existsSync(settings.storageFile);
  const list = '0 hardcoded servers (stand-in)';
  log.info(
    known
      ? `merging by most recent ${list} and those read from ${settings.storageFile}`
      : `creating ${settings.storageFile} with ${list}`,
  );
}

function warnOfDnsAddress(log: Log, { dns }: Settings): void {
  if (dns.address === '127.0.0.1') return;
  log.warn(`DNS address is set to ${dns.address} so the local forwarding DNS server will not be used.`);
}

main(process.env).catch((error: Error) => {
  const log = createLog('info');
  if (error instanceof RolePanic) {
    process.stderr.write(`panic: ${error.message}\n`);
    process.exit(2);
  }
  log.error(error.message);
  log.info('Shutdown successful');
  process.exit(1);
});
