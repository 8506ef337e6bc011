/** @module What Juju tells about the unit's surroundings: config, leadership, network, goal state, credential, resources. */

import { asList, asObject, asText } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** Configuration as Juju types it; null where an option has neither value nor default. */
export type Config = Record<string, string | number | boolean | null>;

/** Every option of config.yaml. Options of type secret are strings `secret:<id>`. */
export function configGet(): Config {
  return asObject(askTool('config-get', ['--all'])) as Config;
}

/** True promises leadership for at least 30 more seconds. */
export function isLeader(): boolean {
  return askTool('is-leader', []) === true;
}

/** Addresses of a binding; on Kubernetes the pod's address, and as ingress the ClusterIP of the application's Service. */
export interface NetworkInfo {
  readonly bindAddresses: readonly string[];
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

/** Addresses of an endpoint or extra binding, as seen from `relation` when given; unknown bindings are refused. */
export function networkGet(binding: string, options: { readonly relation?: string } = {}): NetworkInfo {
  const answer = asObject(askTool('network-get', [binding, ...(options.relation ? ['-r', options.relation] : [])]));
  const interfaces = answer['bind-addresses'] as { addresses?: { value: string }[] }[] | undefined;
  return {
    bindAddresses: (interfaces ?? []).flatMap((one) => (one.addresses ?? []).map((address) => address.value)),
    ingressAddresses: asList(answer['ingress-addresses']),
    egressSubnets: asList(answer['egress-subnets']),
  };
}

/** `since` is not RFC 3339: `2026-11-22 16:45:40Z`. */
export interface GoalStatus {
  readonly status: string;
  readonly since: string;
}

/** What Juju means to reach: units of this application, and per endpoint the remote applications and units. */
export interface GoalState {
  readonly units: Readonly<Record<string, GoalStatus>>;
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStatus>>>>;
}

/** How many units there will be; changes with every scale command, before the units exist. */
export function goalState(): GoalState {
  const answer = asObject(askTool('goal-state', []));
  return {
    units: asObject(answer.units) as GoalState['units'],
    relations: asObject(answer.relations) as GoalState['relations'],
  };
}

/** The cloud and a token for it; refused without `--trust`. The token is the one mounted in the pod anyway. */
export function credentialGet(): Record<string, unknown> {
  return asObject(askTool('credential-get', []));
}

/** `public-address` is the ClusterIP of the application's Service; Kubernetes units have no `private-address`. */
export function unitGet(setting: 'private-address' | 'public-address'): string {
  return asText(askTool('unit-get', [setting]));
}

/** Path of a resource, downloaded when needed; an oci-image resource is a YAML file with registrypath. */
export function resourceGet(name: string): string {
  return runTool('resource-get', [name]).trim();
}

/** Shows `version` as the workload's version in `juju status`; at once, not undone by a failing hook. */
export function applicationVersionSet(version: string): void {
  runTool('application-version-set', ['--', version]);
}

/** Restarts the machine after this hook or, with `now`, in the middle of it. Kubernetes units cannot. */
export function jujuReboot(options: { readonly now?: boolean } = {}): void {
  runTool('juju-reboot', options.now ? ['--now'] : []);
}
