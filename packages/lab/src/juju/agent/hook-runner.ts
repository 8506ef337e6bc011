/** @module Runs dispatch with exactly the environment the controller gives, and carries hook-tool calls to the controller and back. */

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { ToolAnswer } from '@vpn-k8s/charm-testing';
import { serveHookTools } from '@vpn-k8s/charm-testing';
import { agentDir } from '../uniter/environment.ts';
import { say } from './protocol.ts';

/** One hook at a time; calls wait for the controller's answers. */
export class HookRunner {
  readonly #charm: string;
  readonly #waiting = new Map<number, (answer: ToolAnswer) => void>();
  #calls = 0;

  constructor(unit: string) {
    this.#charm = `${agentDir(unit)}/charm`;
  }

  /** The controller has answered a call. */
  answered(id: number, answer: ToolAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  /** Open calls fail, as with Juju when the API connection breaks. */
  disconnected(): void {
    for (const id of [...this.#waiting.keys()])
      this.answered(id, { code: 1, stdout: '', stderr: 'ERROR connection is shut down\n' });
  }

  /** Runs one hook to its end and tells the controller. */
  async run(env: Readonly<Record<string, string>>, isAction: boolean, socket: Socket): Promise<void> {
    const address = env.JUJU_AGENT_SOCKET_ADDRESS ?? '';
    rmSync(address, { force: true });
    const server = await serveHookTools({
      socket: address,
      contextId: env.JUJU_CONTEXT_ID ?? '',
      directory: this.#charm,
      answer: ({ tool, args, stdin }) => this.#ask(socket, tool, args, stdin),
    });
    const ended = await this.#dispatch(env, isAction, socket);
    await server.close();
    say(socket, { type: 'ended', ...ended });
  }

  #ask(socket: Socket, tool: string, args: readonly string[], stdin: string): Promise<ToolAnswer> {
    const id = ++this.#calls;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      if (socket.destroyed) this.disconnected();
      else say(socket, { type: 'call', id, tool, args, stdin });
    });
  }

  /** Why detached: Pebble sends SIGTERM to the agent's whole process group, and a hook that runs shall end by itself. */
  #dispatch(
    env: Readonly<Record<string, string>>,
    isAction: boolean,
    socket: Socket,
  ): Promise<{ exit: number; killed: boolean; stdout: string; stderr: string }> {
    const program = this.#program(env.JUJU_DISPATCH_PATH ?? '');
    if (!program) return Promise.resolve(missing(isAction));
    const child = spawn(program, [], { cwd: this.#charm, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output = { stdout: '', stderr: '' };
    const log = (level: string, from: 'stdout' | 'stderr') => {
      child[from].setEncoding('utf8');
      child[from].on('data', (text: string) => {
        output[from] = (output[from] + text).slice(-(1 << 20));
        for (const line of text.split('\n').filter(Boolean)) say(socket, { type: 'log', level, line });
      });
    };
    log('DEBUG', 'stdout');
    log('WARNING', 'stderr');
    return new Promise((resolve) => {
      child.once('error', (error) => resolve({ exit: 127, killed: false, stdout: '', stderr: `${error.message}\n` }));
      child.once('close', (code, signal) => {
        const killed = signal === 'SIGTERM' || signal === 'SIGKILL';
        resolve({ exit: code ?? 1, killed, ...output });
      });
    });
  }

  #program(dispatchPath: string): string | undefined {
    return [`${this.#charm}/dispatch`, `${this.#charm}/${dispatchPath}`].find((path) => existsSync(path));
  }
}

/** A missing hook is nothing; a missing action fails. */
function missing(isAction: boolean) {
  return {
    exit: isAction ? 1 : 0,
    killed: false,
    stdout: '',
    stderr: isAction ? 'action not implemented on unit\n' : '',
  };
}
