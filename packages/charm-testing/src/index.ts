/** @module run(event, State) -> State, and hook tools as Juju has them. */

export { buildCharm, type CharmSources, type CharmUnderTest, loadCharm } from './charm/charm-under-test.ts';
export {
  type ActionDeclaration,
  type CharmMetadata,
  type ConfigOption,
  type Role,
  readMetadata,
} from './charm/metadata.ts';
export * from './hook-tools/backend.ts';
export { writeHookTools } from './hook-tools/client.ts';
export { runHookTool, type ToolAnswer, toolNames } from './hook-tools/engine.ts';
export { flushProblem } from './hook-tools/flush.ts';
export { inlineFiles, type ToolCall } from './hook-tools/inline-files.ts';
export { answerFrom, type HookToolServer, serveHookTools } from './hook-tools/server.ts';
export {
  bufferedBackend,
  type HookWorld,
  type HookWrites,
  merged,
  type SecretWrite,
} from './hook-tools/transaction.ts';
export { hookEnvironment, type Places } from './run/environment.ts';
export { type PreparedHook, prepareHook } from './run/prepared-hook.ts';
export { run } from './run/run.ts';
export { type Container, newContainer } from './state/container.ts';
export {
  action,
  checkEvent,
  type Event,
  hook,
  noticeEvent,
  type PlainHook,
  pebbleReady,
  relationEvent,
  secretEvent,
  storageEvent,
} from './state/event.ts';
export type {
  ActionAnswer,
  KubernetesRequest,
  LogEntry,
  PebbleChange,
  Results,
  ToolRecord,
  UnitStatus,
} from './state/results.ts';
export {
  type Databag,
  type KubernetesObject,
  type KubernetesState,
  newRelation,
  newSecret,
  newState,
  type Relation,
  type Secret,
  type State,
  type Storage,
} from './state/state.ts';
