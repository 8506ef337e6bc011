/** @module One hook while it runs: hook-tool calls against the model, writes held back until the end. */

import { bufferedBackend, flushProblem, type HookWrites, runHookTool, type ToolAnswer } from '@vpn-k8s/charm-testing';
import { newSecretId } from '../model/secrets.ts';
import type { Model, Unit } from '../model/state.ts';
import type { HookInfo } from './hook.ts';
import { hookWorld, type WorldOptions } from './world.ts';

/** One recorded call of a hook tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly code: number;
}

/** A running hook. */
export interface HookContext {
  readonly call: (tool: string, args: readonly string[], stdin: string) => ToolAnswer;
  readonly calls: readonly ToolCall[];
  readonly writes: () => HookWrites;
  /** Why the flush would fail although the hook exited 0. */
  readonly problem: () => string | undefined;
}

/** Opens a context; `newId` names new secrets (the replay gives recorded ids). */
export function openContext(
  model: Model,
  unit: Unit,
  hook: HookInfo,
  options: WorldOptions,
  newId: () => string = newSecretId,
): HookContext {
  const world = hookWorld(model, unit, hook, options);
  const { backend, writes } = bufferedBackend(world, newId);
  const calls: ToolCall[] = [];
  const call = (tool: string, args: readonly string[], stdin: string) => {
    const answer = runHookTool(backend, tool, args, stdin);
    calls.push({ tool, args, code: answer.code });
    return answer;
  };
  return { call, calls, writes, problem: () => flushProblem(world, writes()) };
}

/** Writes of a hook that wrote nothing. */
export const noWrites: HookWrites = {
  relationData: [],
  state: undefined,
  openedPorts: undefined,
  secrets: [],
  storageAdded: [],
};
