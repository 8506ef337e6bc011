/** @module The unit agent: stays connected to the controller, runs the hooks it is told to, watches Pebble, says goodbye on SIGTERM. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { installCharm, installResources } from './charm.ts';
import { type AgentConfig, CONFIG_FILE, dial, forEver } from './connection.ts';
import { HookRunner } from './hook-runner.ts';
import { watchWorkloads } from './pebble.ts';
import { type ControllerMessage, hear, say } from './protocol.ts';

const RECONNECT_MS = 1000;

/** Runs `containeragent unit`; ends the process when the controller says that this pod is done. */
export async function runUnit(flags: ReadonlyMap<string, string>): Promise<void> {
  const config = JSON.parse(
    readFileSync(join(flags.get('--data-dir') ?? '/var/lib/juju', CONFIG_FILE), 'utf8'),
  ) as AgentConfig;
  serveHealth();
  const state: UnitState = {
    config,
    socket: undefined,
    ending: false,
    watching: false,
    runner: new HookRunner(config.unit),
    process: randomUUID(),
  };
  process.on('SIGTERM', () => terminate(state));
  while (!state.ending) await session(state);
  process.exit(0);
}

interface UnitState {
  readonly config: AgentConfig;
  readonly runner: HookRunner;
  readonly process: string;
  socket: Socket | undefined;
  ending: boolean;
  watching: boolean;
}

/** The probes of the charm container's own Pebble ask here. */
function serveHealth(): void {
  const server = createServer((_request, response) => response.end('ok\n'));
  server.on('error', (error) => process.stderr.write(`health: ${error.message}\n`));
  server.listen(Number(process.env.HTTP_PROBE_PORT ?? 3856), '127.0.0.1');
}

/** Without a controller nothing can be said and nothing may run: the pod goes at once, as with Juju. */
function terminate(state: UnitState): void {
  state.ending = true;
  if (state.socket) say(state.socket, { type: 'shutdown' });
  else process.exit(0);
}

async function session(state: UnitState): Promise<void> {
  const socket = await forEver('connecting', RECONNECT_MS, () => dial(state.config.controller));
  state.socket = socket;
  const kubernetes = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => key.startsWith('KUBERNETES_')),
  ) as Record<string, string>;
  const { unit, password, podUid } = state.config;
  // Why one queue: the charm must be there before the first hook runs.
  let queue: Promise<void> = Promise.resolve();
  hear<ControllerMessage>(socket, (message) => {
    if (message.type === 'answer') state.runner.answered(message.id, message.answer);
    else queue = queue.then(() => obey(state, socket, message)).catch((error: Error) => void socket.destroy(error));
  });
  socket.on('error', (error) => process.stderr.write(`controller: ${error.message}\n`));
  say(socket, { type: 'connect', unit, password, uid: podUid, process: state.process, kubernetes });
  if (state.ending) say(socket, { type: 'shutdown' });
  await new Promise((resolve) => socket.once('close', resolve));
  state.socket = undefined;
  state.runner.disconnected();
  if (!state.ending) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
}

async function obey(state: UnitState, socket: Socket, message: ControllerMessage): Promise<void> {
  switch (message.type) {
    case 'welcome':
      await installCharm(state.config, message.charm);
      installResources(state.config.unit, message.resources);
      if (!state.watching)
        watchWorkloads(
          message.containers,
          message.pebblePollMs,
          (event) => state.socket && say(state.socket, { type: 'workload', event }),
        );
      state.watching = true;
      break;
    case 'run':
      // Not awaited: the next message may be its answer or the end.
      void state.runner.run(message.env, message.isAction, socket);
      break;
    case 'refused':
      throw new Error(message.why);
    case 'exit':
      process.exit(0);
  }
}
