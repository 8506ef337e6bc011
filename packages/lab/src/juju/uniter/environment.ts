/** @module The environment of one dispatch, exactly as Juju 4.0.15 makes it (held to recordings). */

import type { Model, Unit } from '../model/state.ts';
import type { HookInfo } from './hook.ts';

/** What the environment needs from the place where the hook runs. */
export interface Surroundings {
  readonly apiAddresses: readonly string[];
  /** Kubernetes version as `CLOUD_API_VERSION` gives it, `1.36.0`. */
  readonly cloudApiVersion: string;
  /** `KUBERNETES_*` of the pod, copied where present. */
  readonly kubernetes: Readonly<Record<string, string>>;
  /** A number that makes the context id unlike all others. */
  readonly sequence: number;
}

const CONSTANT = {
  APT_LISTCHANGES_FRONTEND: 'none',
  DEBIAN_FRONTEND: 'noninteractive',
  JUJU_AGENT_SOCKET_NETWORK: 'unix',
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
const AGENT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/charm/bin';

/** Directory of a unit's agent in its pod. */
export function agentDir(unit: string): string {
  return `/var/lib/juju/agents/unit-${unit.replace('/', '-')}`;
}

/** Directory of a unit's hook tools. */
export function toolsDir(unit: string): string {
  return `/var/lib/juju/tools/unit-${unit.replace('/', '-')}`;
}

/** The complete environment of a hook; nothing is inherited beside it. */
export function hookEnvironment(
  model: Model,
  unit: Unit,
  hook: HookInfo,
  around: Surroundings,
): Record<string, string> {
  const charm = `${agentDir(unit.name)}/charm`;
  const id = around.sequence.toString(16).padStart(32, '0');
  return {
    ...CONSTANT,
    ...around.kubernetes,
    CHARM_DIR: charm,
    CLOUD_API_VERSION: around.cloudApiVersion,
    JUJU_AGENT_SOCKET_ADDRESS: `${agentDir(unit.name)}/agent.socket`,
    JUJU_API_ADDRESSES: around.apiAddresses.join(' '),
    JUJU_CHARM_DIR: charm,
    JUJU_CONTEXT_ID: `${unit.name}-${hook.name}-${id}`,
    JUJU_DISPATCH_PATH: `${hook.action ? 'actions' : 'hooks'}/${hook.name}`,
    JUJU_HOOK_NAME: hook.action ? '' : hook.name,
    JUJU_MODEL_NAME: model.name,
    JUJU_MODEL_UUID: model.uuid,
    JUJU_UNIT_NAME: unit.name,
    JUJU_VERSION: model.version,
    PATH: `${toolsDir(unit.name)}:${AGENT_PATH}`,
    ...aboutHook(hook),
  };
}

function aboutHook(hook: HookInfo): Record<string, string> {
  const { relation, action, workload, secret, storage } = hook;
  return {
    ...(relation && aboutRelation(relation)),
    ...(action && {
      JUJU_ACTION_NAME: hook.name,
      JUJU_ACTION_UUID: String(action.id),
      JUJU_ACTION_TAG: `action-${action.id}`,
    }),
    ...(workload && aboutWorkload(workload)),
    ...(secret && aboutSecret(hook.name, secret)),
    ...(storage && {
      JUJU_STORAGE_ID: storage.id,
      JUJU_STORAGE_KIND: 'filesystem',
      JUJU_STORAGE_LOCATION: storage.location,
    }),
  };
}

function aboutRelation(relation: NonNullable<HookInfo['relation']>): Record<string, string> {
  return {
    JUJU_RELATION: relation.endpoint,
    JUJU_RELATION_ID: `${relation.endpoint}:${relation.id}`,
    JUJU_REMOTE_APP: relation.remoteApplication ?? '',
    JUJU_REMOTE_UNIT: relation.remoteUnit ?? '',
    ...(relation.departingUnit === undefined ? {} : { JUJU_DEPARTING_UNIT: relation.departingUnit }),
  };
}

function aboutWorkload(workload: NonNullable<HookInfo['workload']>): Record<string, string> {
  const { container, notice, check } = workload;
  return {
    JUJU_WORKLOAD_NAME: container,
    ...(notice && { JUJU_NOTICE_ID: notice.id, JUJU_NOTICE_TYPE: notice.type, JUJU_NOTICE_KEY: notice.key }),
    ...(check === undefined ? {} : { JUJU_PEBBLE_CHECK_NAME: check }),
  };
}

/** secret-changed has `secret:<id>` and no revision, the others the bare id and the revision (recorded). */
function aboutSecret(name: string, secret: NonNullable<HookInfo['secret']>): Record<string, string> {
  return {
    JUJU_SECRET_ID: name === 'secret-changed' ? `secret:${secret.id}` : secret.id,
    JUJU_SECRET_LABEL: secret.label,
    ...(secret.revision === undefined ? {} : { JUJU_SECRET_REVISION: String(secret.revision) }),
  };
}
