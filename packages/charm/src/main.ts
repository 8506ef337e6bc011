/** @module The main path of a charm: Juju's environment in, reconcile, one status out, exit code. */

import { readAhead, statusGet, statusSet } from '@vpn-k8s/juju';
import { PebbleUnreachable } from '@vpn-k8s/pebble';
import { runAction } from './action.ts';
import type { Charm, Status } from './charm.ts';
import { explain, place } from './explain.ts';
import { type HookPorts, hookPorts } from './ports.ts';
import { arm } from './wake.ts';

/**
 * Runs a charm for the hook or action that Juju started this process for, and ends the process.
 *
 * Exit code 0: done, Juju takes the hook's writes. 1: an error that nobody expected; Juju drops the writes, shows the
 * unit in error and tries again.
 *
 * @example await main({ name: 'web-k8s', reconcile: async (ports) => ({ status: 'active', message: '' }) })
 */
export async function main(charm: Charm, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  process.exit(await exitCode(charm, env));
}

async function exitCode(charm: Charm, env: NodeJS.ProcessEnv): Promise<number> {
  let ports: HookPorts | undefined;
  try {
    ports = hookPorts(env);
    if (ports.context.action) await runAction(charm, ports.context.action.name, ports);
    else report(await reconciled(charm, ports));
    ports.log.flush();
    return 0;
  } catch (error) {
    complain(ports, `${charm.name} failed: ${explain(error)}${place(error)}`);
    return 1;
  }
}

/** A Pebble that does not answer is a container on its way up or down; its pebble-ready hook will come. */
async function reconciled(charm: Charm, ports: HookPorts): Promise<Status> {
  try {
    const juju = charm.reads && readAhead({ status: true, ...charm.reads });
    charm.readAhead?.(ports);
    await juju;
    const status = await charm.reconcile(ports);
    const again = status.status === 'waiting' && charm.wakes !== undefined && (await arm(charm.wakes, ports));
    return again ? await charm.reconcile(ports) : status;
  } catch (error) {
    if (!(error instanceof PebbleUnreachable)) throw error;
    ports.log.info(error.message);
    const container = /\/containers\/([^/]+)\//.exec(error.socketPath)?.[1];
    return { status: 'waiting', message: `waiting for the container ${container ?? error.socketPath}` };
  }
}

/** Why: status-set renews the time of the status even when nothing changed. */
function report(status: Status): void {
  const now = statusGet();
  if (now.status !== status.status || now.message !== status.message) statusSet(status.status, status.message);
}

/** Juju logs stderr as WARNING, which must do when juju-log itself is what failed. */
function complain(ports: HookPorts | undefined, sentence: string): void {
  try {
    if (ports === undefined) throw new Error(sentence);
    ports.log.error(sentence);
    ports.log.flush();
  } catch {
    process.stderr.write(`${sentence}\n`);
  }
}
