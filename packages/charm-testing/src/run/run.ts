/** @module run(charm, event, state) -> state: one hook of a charm as a process, under Juju's rules. */

import type { CharmUnderTest } from '../charm/charm-under-test.ts';
import { flushProblem } from '../hook-tools/flush.ts';
import type { HookWrites } from '../hook-tools/transaction.ts';
import { committed } from '../state/commit.ts';
import type { Event } from '../state/event.ts';
import type { LogEntry, Results, ToolRecord } from '../state/results.ts';
import type { State } from '../state/state.ts';
import type { StateWorld } from '../state/world.ts';
import type { Left } from './pod.ts';
import { prepareHook } from './prepared-hook.ts';
import { type Exit, runDispatch } from './process.ts';

/** How long a hook may take, milliseconds. */
const hookTimeout = 30_000;

/**
 * Runs a charm's dispatch for an event and returns the state that it leaves, with `results` of what it did.
 *
 * On exit 0 the hook's writes are in the new state. On any other code, or when Juju would refuse them (then
 * `results.flushProblem` says why), they are not; status, version and log remain, and so do changes of containers and
 * of Kubernetes. The input is not changed.
 *
 * @throws Error when state and event do not go together, or when the hook is not done within 30 s
 * @example const after = await run(charm, hook('config-changed'), newState('web/0', { leader: false }));
 */
export async function run(charm: CharmUnderTest, event: Event, state: State): Promise<State> {
  const prepared = await prepareHook(charm, event, state);
  try {
    const { inside, writes, calls } = prepared;
    const exit = await runDispatch(prepared.cwd, prepared.env, hookTimeout);
    const left = await prepared.left();
    const problem = exit.code === 0 ? flushProblem(inside.world, writes()) : undefined;
    const results = resultsOf(inside, exit, problem, calls, left);
    return afterwards({ ...inside.draft, ...left.state }, results, writes());
  } finally {
    await prepared.close();
  }
}

function resultsOf(
  inside: StateWorld,
  exit: Exit,
  problem: string | undefined,
  calls: readonly ToolRecord[],
  left: Left,
): Results {
  return {
    exit: exit.code,
    flushed: exit.code === 0 && problem === undefined,
    ...(problem === undefined ? {} : { flushProblem: problem }),
    log: [...lines('DEBUG', exit.stdout), ...lines('WARNING', exit.stderr), ...inside.log],
    unitStatuses: inside.unitStatuses,
    appStatuses: inside.appStatuses,
    ...(inside.action ? { action: actionAnswer(inside.action, exit) } : {}),
    calls,
    requests: left.requests,
    changes: left.changes,
  };
}

function lines(level: string, text: string): LogEntry[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((message) => ({ level, message }));
}

/** Another exit code than 0 is the failure that people see, whatever action-fail said. */
function actionAnswer(action: NonNullable<StateWorld['action']>, exit: Exit): NonNullable<Results['action']> {
  const { results, log, failure } = action;
  const failed = exit.code === 0 ? failure : `exit status ${exit.code}`;
  return { results, log, ...(failed === undefined ? {} : { failure: failed }) };
}

function afterwards(state: State, results: Results, writes: HookWrites): State {
  return { ...(results.flushed ? committed(state, writes) : state), results };
}
