/** @module Runs what is due, one hook at a time per unit, over a port that reaches the unit's agent. */

import type { ToolAnswer } from '@vpn-k8s/charm-testing';
import type { Model, Unit } from '../model/state.ts';
import { noWrites, openContext, type ToolCall } from './context.ts';
import { dueHooks, nextTry } from './due.ts';
import { hookEnvironment, type Surroundings } from './environment.ts';
import type { HookInfo } from './hook.ts';
import { beginHook, endAction, endHook, interruptHook, jujuRetries, type RetryTimes } from './step.ts';
import type { WorldOptions } from './world.ts';

/** How a dispatch ended; `lost` when the agent went away meanwhile or something killed the hook. */
export type DispatchResult =
  | { readonly kind: 'exited'; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'lost' };

/** The way to a unit's agent. */
export interface HookPort {
  /** Runs one dispatch in the unit's pod; `call` answers its hook tools. */
  dispatch(
    unit: string,
    env: Readonly<Record<string, string>>,
    isAction: boolean,
    call: (tool: string, args: readonly string[], stdin: string) => ToolAnswer,
  ): Promise<DispatchResult>;
  /** What the environment needs of the pod; undefined while the agent is not connected. */
  surroundings(unit: string): Omit<Surroundings, 'sequence'> | undefined;
  /** A hook that ended well was flushed. */
  flushed(unit: Unit, hook: HookInfo): void;
}

/** One hook that was run. */
export interface HookRecord {
  readonly unit: string;
  readonly hook: string;
  readonly info: HookInfo;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly exit: number | undefined;
  readonly calls: readonly ToolCall[];
}

/** The queue of all units of a model. */
export class HookQueue {
  /** Every hook that ended, oldest first. */
  readonly hooks: HookRecord[] = [];
  readonly #model: Model;
  readonly #port: HookPort;
  readonly #options: WorldOptions;
  readonly #retries: RetryTimes;
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #sequence = 0;
  #stopped = false;

  constructor(model: Model, port: HookPort, options: WorldOptions, retries: RetryTimes = jujuRetries) {
    this.#model = model;
    this.#port = port;
    this.#options = options;
    this.#retries = retries;
  }

  /** Looks at all units and starts what is due; cheap, to be called after every change. */
  wake(): void {
    if (this.#stopped) return;
    for (const unit of [...this.#model.units.values()]) this.#pump(unit);
  }

  /** Whether no unit with an agent runs or has to run anything. */
  get idle(): boolean {
    const waiting = (unit: Unit) =>
      this.#port.surroundings(unit.name) !== undefined && dueHooks(this.#model, unit).length > 0;
    return this.#busy.size === 0 && ![...this.#model.units.values()].some(waiting);
  }

  /** Whether this unit runs a hook now. */
  isBusy(unit: string): boolean {
    return this.#busy.has(unit);
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #pump(unit: Unit): void {
    const around = this.#port.surroundings(unit.name);
    if (this.#busy.has(unit.name) || !around) return;
    const [hook] = dueHooks(this.#model, unit);
    if (!hook) {
      this.#sleep(unit);
      return;
    }
    this.#busy.add(unit.name);
    void this.#run(unit, hook, { ...around, sequence: ++this.#sequence }).finally(() => {
      this.#busy.delete(unit.name);
      this.wake();
    });
  }

  #sleep(unit: Unit): void {
    const at = nextTry(unit);
    clearTimeout(this.#timers.get(unit.name));
    this.#timers.delete(unit.name);
    if (at === undefined) return;
    const timer = setTimeout(() => this.wake(), Math.max(1, at - this.#model.now()));
    timer.unref();
    this.#timers.set(unit.name, timer);
  }

  async #run(unit: Unit, hook: HookInfo, around: Surroundings): Promise<void> {
    const startedMs = this.#model.now();
    beginHook(this.#model, unit, hook);
    const context = openContext(this.#model, unit, hook, this.#options);
    const env = hookEnvironment(this.#model, unit, hook, around);
    const result = await this.#port.dispatch(unit.name, env, hook.action !== undefined, context.call);
    const exit = result.kind === 'exited' ? result.exit : undefined;
    const { name } = hook;
    this.hooks.push({
      unit: unit.name,
      hook: name,
      info: hook,
      startedMs,
      endedMs: this.#model.now(),
      exit,
      calls: context.calls,
    });
    if (!this.#model.units.has(unit.name)) return;
    if (result.kind === 'lost') interruptHook(this.#model, unit, hook);
    else this.#finish(unit, hook, result, context);
  }

  #finish(
    unit: Unit,
    hook: HookInfo,
    result: DispatchResult & { kind: 'exited' },
    context: ReturnType<typeof openContext>,
  ): void {
    const problem = result.exit === 0 ? context.problem() : undefined;
    if (problem !== undefined) this.#options.log(unit.name, 'ERROR', `flushing hook ${hook.name}: ${problem}`);
    if (hook.action) {
      endAction(
        this.#model,
        unit,
        hook.action.id,
        problem === undefined ? result : { ...result, exit: 1 },
        context.writes(),
      );
      return;
    }
    const exit = problem === undefined ? result.exit : 1;
    endHook(this.#model, unit, hook, exit, exit === 0 ? context.writes() : noWrites, this.#retries);
    if (exit === 0) this.#port.flushed(unit, hook);
  }
}
