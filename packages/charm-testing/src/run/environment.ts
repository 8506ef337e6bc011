/** @module The environment of a hook, exactly the variables that Juju 4.0 sets and no others. */

import { dispatchPath, type Event, hookName, remoteApp } from '../state/event.ts';
import type { State } from '../state/state.ts';

/** Paths and addresses of one hook run. */
export interface Places {
  readonly charmDir: string;
  readonly toolsDir: string;
  readonly socket: string;
  readonly contextId: string;
  /** Host and port of the API server as the pod sees it. */
  readonly kubernetes: { readonly host: string; readonly port: string };
}

/** PATH of Juju's agent, to which the tools are put in front. */
const agentPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/charm/bin';

/**
 * The environment of an event; nothing is inherited, there is no HOME and no USER.
 *
 * @see juju `internal/worker/uniter/runner/context/context.go`, HookVars; compared with recordings in
 * environment.golden.test.ts
 */
export function hookEnvironment(event: Event, state: State, places: Places): Record<string, string> {
  return {
    ...fixed,
    CHARM_DIR: places.charmDir,
    JUJU_CHARM_DIR: places.charmDir,
    JUJU_CONTEXT_ID: places.contextId,
    JUJU_AGENT_SOCKET_ADDRESS: places.socket,
    JUJU_AGENT_SOCKET_NETWORK: 'unix',
    JUJU_API_ADDRESSES: state.apiAddresses.join(' '),
    JUJU_UNIT_NAME: state.unit,
    JUJU_MODEL_NAME: state.model.name,
    JUJU_MODEL_UUID: state.model.uuid,
    JUJU_VERSION: state.jujuVersion,
    JUJU_HOOK_NAME: hookName(event),
    JUJU_DISPATCH_PATH: dispatchPath(event),
    PATH: `${places.toolsDir}:${agentPath}`,
    ...kubernetesVariables(places.kubernetes),
    ...eventVariables(event, state),
  };
}

const fixed: Readonly<Record<string, string>> = {
  APT_LISTCHANGES_FRONTEND: 'none',
  CLOUD_API_VERSION: '1.36.0',
  DEBIAN_FRONTEND: 'noninteractive',
  JUJU_AVAILABILITY_ZONE: '',
  JUJU_CHARM_FTP_PROXY: '',
  JUJU_CHARM_HTTPS_PROXY: '',
  JUJU_CHARM_HTTP_PROXY: '',
  JUJU_CHARM_NO_PROXY: '127.0.0.1,localhost,::1',
  JUJU_CHARM_TRACE_CONFIG_CA_CERT: '',
  JUJU_CHARM_TRACE_CONFIG_GRPC: '',
  JUJU_CHARM_TRACE_CONFIG_HTTP: '',
  JUJU_MACHINE_ID: '',
  JUJU_PRINCIPAL_UNIT: '',
  LANG: 'C.UTF-8',
  TERM: 'tmux-256color',
};

function kubernetesVariables({ host, port }: Places['kubernetes']): Record<string, string> {
  const url = `tcp://${host}:${port}`;
  return {
    KUBERNETES_PORT: url,
    [`KUBERNETES_PORT_${port}_TCP`]: url,
    [`KUBERNETES_PORT_${port}_TCP_ADDR`]: host,
    [`KUBERNETES_PORT_${port}_TCP_PORT`]: port,
    [`KUBERNETES_PORT_${port}_TCP_PROTO`]: 'tcp',
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
  };
}

function eventVariables(event: Event, state: State): Record<string, string> {
  if (event.kind === 'relation') return relationVariables(event, state);
  if (event.kind === 'action') {
    return { JUJU_ACTION_NAME: event.name, JUJU_ACTION_UUID: '1', JUJU_ACTION_TAG: 'action-1' };
  }
  if (event.kind === 'secret') return secretVariables(event, state);
  if (event.kind === 'storage') return storageVariables(event, state);
  if (event.kind === 'hook') return {};
  return workloadVariables(event);
}

function relationVariables(event: Event & { kind: 'relation' }, state: State): Record<string, string> {
  return {
    JUJU_RELATION: event.endpoint,
    JUJU_RELATION_ID: `${event.endpoint}:${event.id}`,
    JUJU_REMOTE_APP: remoteApp(event, state),
    JUJU_REMOTE_UNIT: event.unit ?? '',
    ...(event.step === 'departed' ? { JUJU_DEPARTING_UNIT: event.departing ?? event.unit ?? '' } : {}),
  };
}

function workloadVariables(event: Event & { container: string }): Record<string, string> {
  const name = { JUJU_WORKLOAD_NAME: event.container };
  if (event.kind === 'check') return { ...name, JUJU_PEBBLE_CHECK_NAME: event.check };
  if (event.kind !== 'notice') return name;
  return { ...name, JUJU_NOTICE_ID: event.id, JUJU_NOTICE_TYPE: 'custom', JUJU_NOTICE_KEY: event.key };
}

/** Juju writes `secret:<id>` but for secret-remove, where it is the bare id; no revision in secret-changed. */
function secretVariables(event: Event & { kind: 'secret' }, state: State): Record<string, string> {
  const secret = state.secrets.find((one) => one.id === event.id);
  const label = (secret?.owner === 'other' ? secret.consumerLabel : secret?.label) ?? '';
  return {
    JUJU_SECRET_ID: event.step === 'remove' ? event.id : `secret:${event.id}`,
    JUJU_SECRET_LABEL: label,
    ...(event.step === 'changed' ? {} : { JUJU_SECRET_REVISION: String(event.revision ?? secret?.revision ?? 1) }),
  };
}

function storageVariables(event: Event & { kind: 'storage' }, state: State): Record<string, string> {
  const storage = state.storages.find((one) => one.id === event.id);
  return {
    JUJU_STORAGE_ID: event.id,
    JUJU_STORAGE_LOCATION: storage?.location ?? '',
    JUJU_STORAGE_KIND: storage?.kind ?? 'filesystem',
  };
}
