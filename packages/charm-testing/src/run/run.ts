/** @module run(charm, event, state) -> state: one hook of a charm as a process, under Juju's rules. */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CharmUnderTest } from '../charm/charm-under-test.ts';
import type { HookBackend } from '../hook-tools/backend.ts';
import { writeHookTools } from '../hook-tools/client.ts';
import { runHookTool } from '../hook-tools/engine.ts';
import { flushProblem } from '../hook-tools/flush.ts';
import { serveHookTools } from '../hook-tools/server.ts';
import { bufferedBackend, type HookWrites } from '../hook-tools/transaction.ts';
import { committed } from '../state/commit.ts';
import { checkConsistency } from '../state/consistency.ts';
import { type Event, hookName } from '../state/event.ts';
import type { LogEntry, Results, ToolRecord } from '../state/results.ts';
import type { State } from '../state/state.ts';
import { type StateWorld, stateWorld } from '../state/world.ts';
import { hookEnvironment, type Places } from './environment.ts';
import { withDefaults } from './parameters.ts';
import { type RunningPod, startPod } from './pod.ts';
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
  checkConsistency(charm.metadata, event, state);
  const asked = withDefaults(charm.metadata, event);
  const dir = mkdtempSync(join(tmpdir(), 'hook-'));
  let pod: RunningPod | undefined;
  try {
    pod = await startPod(state, dir);
    const { root } = pod;
    const inside = stateWorld(charm.metadata, asked, state);
    const { backend, writes } = bufferedBackend(inside.world, newSecretId);
    const calls: ToolRecord[] = [];
    const places = placesOf(charm, asked, state, dir, pod.kubernetes);
    const exit = await served(places, backend, calls, () =>
      runDispatch(charm.dir, { ...hookEnvironment(asked, state, places), CHARM_TESTING_ROOT: root }, hookTimeout),
    );
    const left = await pod.after();
    const problem = exit.code === 0 ? flushProblem(inside.world, writes()) : undefined;
    const results = resultsOf(inside, exit, problem, calls, left.requests);
    return afterwards({ ...inside.draft, ...left.state }, results, writes());
  } finally {
    await pod?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function placesOf(
  charm: CharmUnderTest,
  event: Event,
  state: State,
  dir: string,
  kubernetes: Places['kubernetes'],
): Places {
  const name = hookName(event) || (event.kind === 'action' ? event.name : '');
  const contextId = `${state.unit}-${name}-${randomBytes(16).toString('hex')}`;
  return {
    charmDir: charm.dir,
    toolsDir: join(dir, 'tools'),
    socket: join(dir, 'agent.socket'),
    contextId,
    kubernetes,
  };
}

async function served(
  places: Places,
  backend: HookBackend,
  calls: ToolRecord[],
  work: () => Promise<Exit>,
): Promise<Exit> {
  writeHookTools(places.toolsDir);
  const server = await serveHookTools({
    socket: places.socket,
    contextId: places.contextId,
    directory: places.charmDir,
    answer: ({ tool, args, stdin }) => {
      const answer = runHookTool(backend, tool, args, stdin);
      calls.push({ tool, args, stdin, code: answer.code, stderr: answer.stderr });
      return answer;
    },
  });
  try {
    return await work();
  } finally {
    await server.close();
  }
}

function resultsOf(
  inside: StateWorld,
  exit: Exit,
  problem: string | undefined,
  calls: readonly ToolRecord[],
  requests: Results['requests'],
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
    requests,
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

function newSecretId(): string {
  return randomBytes(10).toString('hex');
}
