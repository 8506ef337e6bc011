/** @module Juju from inside a hook: its environment as HookContext, its hook tools as functions of the same names. */

export { actionFail, actionGet, actionLog, actionSet } from './action.ts';
export { type Reads, readAhead } from './ahead.ts';
export { type HookContext, type HookRelation, type HookWorkload, readContext } from './context.ts';
export {
  applicationVersionSet,
  type Config,
  configGet,
  credentialGet,
  type GoalState,
  type GoalStatus,
  goalState,
  isLeader,
  jujuReboot,
  type NetworkInfo,
  networkGet,
  resourceGet,
  unitGet,
} from './model.ts';
export { closePort, openedPorts, openPort } from './port.ts';
export {
  type BagOptions,
  relationGet,
  relationIds,
  relationList,
  relationListApp,
  relationModelGet,
  relationSet,
} from './relation.ts';
export { HookToolError } from './run.ts';
export {
  type SecretContent,
  type SecretInfo,
  type SecretName,
  type SecretSettings,
  secretAdd,
  secretGet,
  secretGrant,
  secretId,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from './secret.ts';
export { stateDelete, stateGet, stateSet } from './state.ts';
export {
  type CurrentStatus,
  jujuLog,
  type LogLevel,
  type StatusName,
  type StatusOptions,
  statusGet,
  statusSet,
} from './status.ts';
export { storageAdd, storageGet, storageList } from './storage.ts';
