/** @module Everything around one dispatch - pod, hook tools, environment - up and waiting, so that it can be run, or timed. */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CharmUnderTest } from '../charm/charm-under-test.ts';
import type { HookBackend } from '../hook-tools/backend.ts';
import { writeHookTools } from '../hook-tools/client.ts';
import { runHookTool } from '../hook-tools/engine.ts';
import { serveHookTools } from '../hook-tools/server.ts';
import { bufferedBackend, type HookWrites } from '../hook-tools/transaction.ts';
import { checkConsistency } from '../state/consistency.ts';
import { type Event, hookName } from '../state/event.ts';
import type { KubernetesRequest, ToolRecord } from '../state/results.ts';
import type { State } from '../state/state.ts';
import { type StateWorld, stateWorld } from '../state/world.ts';
import { hookEnvironment, type Places } from './environment.ts';
import { withDefaults } from './parameters.ts';
import { type Left, type RunningPod, startPod } from './pod.ts';

/** A hook whose surroundings are up. Its `dispatch` lies in `cwd`. */
export interface PreparedHook {
  /** The charm's directory. */
  readonly cwd: string;
  /** The whole environment of dispatch. */
  readonly env: Readonly<Record<string, string>>;
  /** Hook tools that were run so far. */
  readonly calls: readonly ToolRecord[];
  /** Requests to the API server so far. */
  requests(): readonly KubernetesRequest[];
  close(): Promise<void>;
}

/** What only `run` needs of it. */
export interface Inside extends PreparedHook {
  readonly inside: StateWorld;
  writes(): HookWrites;
  left(): Promise<Left>;
}

/**
 * Starts what a hook of this state and event needs, without running it. Whoever runs it more than once sees the state as it was
 * plus the earlier runs' writes: only a hook that writes nothing can be run again.
 *
 * @throws Error when state and event do not go together
 */
export async function prepareHook(charm: CharmUnderTest, event: Event, state: State): Promise<Inside> {
  checkConsistency(charm.metadata, event, state);
  const asked = withDefaults(charm.metadata, event);
  const dir = mkdtempSync(join(tmpdir(), 'hook-'));
  let pod: RunningPod | undefined;
  const clean = async () => {
    await pod?.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const running = await startPod(state, dir);
    pod = running;
    const inside = stateWorld(charm.metadata, asked, state);
    const { backend, writes } = bufferedBackend(inside.world, newSecretId);
    const calls: ToolRecord[] = [];
    const places = placesOf(charm, asked, state, dir, running.kubernetes);
    const server = await serveCalls(places, backend, calls);
    return {
      cwd: charm.dir,
      env: { ...hookEnvironment(asked, state, places), CHARM_TESTING_ROOT: running.root },
      calls,
      inside,
      writes,
      requests: () => running.requests(),
      left: () => running.after(),
      close: () => server.close().then(clean),
    };
  } catch (error) {
    await clean();
    throw error;
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

function serveCalls(places: Places, backend: HookBackend, calls: ToolRecord[]): Promise<{ close(): Promise<void> }> {
  writeHookTools(places.toolsDir);
  return serveHookTools({
    socket: places.socket,
    contextId: places.contextId,
    directory: places.charmDir,
    answer: ({ tool, args, stdin }) => {
      const answer = runHookTool(backend, tool, args, stdin);
      calls.push({ tool, args, stdin, code: answer.code, stderr: answer.stderr });
      return answer;
    },
  });
}

function newSecretId(): string {
  return randomBytes(10).toString('hex');
}
