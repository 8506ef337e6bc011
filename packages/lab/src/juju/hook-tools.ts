/** @module The hook-tool engine of charm-testing, as the Juju stand-in uses it. */

export type {
  ConfigValue,
  GoalState,
  HookBackend,
  Json,
  NetworkInfo,
  OpenedPort,
  SecretInfo,
  SecretRequest,
} from '../../../charm-testing/src/hook-tools/backend.ts';
export { ToolFailure } from '../../../charm-testing/src/hook-tools/backend.ts';
export { runHookTool, type ToolAnswer, toolNames } from '../../../charm-testing/src/hook-tools/engine.ts';
export { flushProblem } from '../../../charm-testing/src/hook-tools/flush.ts';
export { bufferedBackend, type HookWorld, type HookWrites } from '../../../charm-testing/src/hook-tools/transaction.ts';
