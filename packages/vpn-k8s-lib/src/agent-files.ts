/** @module The agent's shell scripts, read where the charm's bundle lies. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const NAMES = {
  client: ['client_init.sh', 'client_sidecar.sh', 'agent.sh'],
  gateway: ['gateway_init.sh', 'gateway_sidecar.sh', 'agent.sh'],
} as const;

/**
 * The scripts of one side by file name, as they go into a ConfigMap.
 *
 * They stay files beside the bundle (`agent/NAME`), so that a shell linter and a reader see them as they run.
 * @param from folder of the scripts; `agent/` beside this module or bundle by default
 * @throws Error of node:fs when a script is missing from the charm
 * @example agentFiles('client')['client_init.sh']
 */
export function agentFiles(
  kind: 'client' | 'gateway',
  from: URL | string = new URL('./agent/', import.meta.url),
): Record<string, string> {
  const folder = typeof from === 'string' ? pathToFileURL(`${from}/`) : from;
  return Object.fromEntries(NAMES[kind].map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}
