/** @module The controller's side of the agents: listens, knows who is connected, sends hooks and answers their calls. */

import { createServer, type Server, type Socket } from 'node:net';
import type { ToolAnswer } from '@vpn-k8s/charm-testing';
import { type AgentMessage, type AgentResource, hear, say } from './agent/protocol.ts';
import type { Surroundings } from './uniter/environment.ts';
import type { HookInfo } from './uniter/hook.ts';
import type { DispatchResult } from './uniter/queue.ts';

/** An agent that says who it is. */
export interface Connected {
  readonly unit: string;
  readonly uid: string;
  readonly process: string;
}

/** What the controller does about agents. */
export interface AgentEvents {
  /** The unit for a pod; throws a sentence when there is none (the agent tries again). */
  introduce(who: { application: string; pod: string; uid: string }): Promise<string>;
  /** Whether this password belongs to the application of a unit. */
  trusts(application: string, password: string): boolean;
  /** Called before the agent gets its welcome. */
  connected(
    who: Connected,
  ): Promise<{ charm: string; containers: readonly string[]; resources: readonly AgentResource[] }>;
  archive(unit: string): Buffer;
  lost(unit: string): void;
  workload(unit: string, event: HookInfo): void;
  shutdown(unit: string): void;
  log(unit: string, level: string, line: string): void;
}

type Call = (tool: string, args: readonly string[], stdin: string) => ToolAnswer;

interface Agent {
  readonly socket: Socket;
  readonly kubernetes: Readonly<Record<string, string>>;
  call: Call | undefined;
  ended: ((result: DispatchResult) => void) | undefined;
}

/** How agents are served. */
export interface AgentServerOptions {
  readonly apiAddress: string;
  readonly cloudApiVersion: string;
  /** How often an agent looks whether a Pebble was started again. */
  readonly pebblePollMs: number;
}

/** All connected agents. */
export class Agents {
  readonly #events: AgentEvents;
  readonly #options: AgentServerOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(events: AgentEvents, options: AgentServerOptions) {
    this.#events = events;
    this.#options = options;
  }

  /** Starts listening. */
  async listen(host: string, port: number): Promise<number> {
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.#server = server;
    const address = server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  /** Whether a unit's agent is connected. */
  has(unit: string): boolean {
    return this.#agents.has(unit);
  }

  /** What the environment of hooks needs of a unit's pod. */
  surroundings(unit: string): Omit<Surroundings, 'sequence'> | undefined {
    const agent = this.#agents.get(unit);
    const { apiAddress, cloudApiVersion } = this.#options;
    return agent && { apiAddresses: [apiAddress], cloudApiVersion, kubernetes: agent.kubernetes };
  }

  /** Runs one dispatch in the unit's pod. */
  dispatch(
    unit: string,
    env: Readonly<Record<string, string>>,
    isAction: boolean,
    call: Call,
  ): Promise<DispatchResult> {
    const agent = this.#agents.get(unit);
    if (!agent) return Promise.resolve({ kind: 'lost' });
    return new Promise((resolve) => {
      agent.call = call;
      agent.ended = resolve;
      say(agent.socket, { type: 'run', env, isAction });
    });
  }

  /** Tells an agent that nothing is left to do in its pod. */
  exit(unit: string): void {
    const agent = this.#agents.get(unit);
    if (agent) say(agent.socket, { type: 'exit' });
  }

  /** Cuts the connection of a unit's agent, as a broken network would; it comes back by itself. */
  cut(unit: string): void {
    this.#agents.get(unit)?.socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    let unit: string | undefined;
    let queue: Promise<void> = Promise.resolve();
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (unit !== undefined && this.#agents.get(unit)?.socket === socket) this.#forget(unit);
    });
    hear<AgentMessage>(socket, (message) => {
      queue = queue
        .then(async () => {
          unit = (await this.#hear(socket, message, unit)) ?? unit;
        })
        .catch((error: Error) => say(socket, { type: 'refused', why: error.message }));
    });
  }

  #forget(unit: string): void {
    const agent = this.#agents.get(unit);
    this.#agents.delete(unit);
    agent?.ended?.({ kind: 'lost' });
    this.#events.lost(unit);
  }

  /** Answers the unit that this connection belongs to, once known. */
  async #hear(socket: Socket, message: AgentMessage, unit: string | undefined): Promise<string | undefined> {
    switch (message.type) {
      case 'introduce':
        this.#check(message.application, message.password);
        say(socket, { type: 'introduced', unit: await this.#events.introduce(message) });
        return undefined;
      case 'download':
        this.#check(message.unit.replace(/\/\d+$/, ''), message.password);
        socket.end(this.#events.archive(message.unit));
        return undefined;
      case 'connect':
        this.#check(message.unit.replace(/\/\d+$/, ''), message.password);
        await this.#welcome(socket, message);
        return message.unit;
      default:
        if (unit === undefined) throw new Error('say who you are first');
        this.#fromUnit(unit, message);
        return undefined;
    }
  }

  #check(application: string, password: string): void {
    if (!this.#events.trusts(application, password))
      throw new Error(`invalid entity name or password: application ${application}`);
  }

  async #welcome(socket: Socket, message: AgentMessage & { type: 'connect' }): Promise<void> {
    const welcome = await this.#events.connected(message);
    if (socket.destroyed) return;
    this.#agents.get(message.unit)?.socket.destroy();
    this.#agents.set(message.unit, { socket, kubernetes: message.kubernetes, call: undefined, ended: undefined });
    say(socket, { type: 'welcome', ...welcome, pebblePollMs: this.#options.pebblePollMs });
  }

  #fromUnit(unit: string, message: Exclude<AgentMessage, { type: 'introduce' | 'download' | 'connect' }>): void {
    const agent = this.#agents.get(unit);
    if (!agent) return;
    switch (message.type) {
      case 'call':
        say(agent.socket, { type: 'answer', id: message.id, answer: answer(agent.call, message) });
        break;
      case 'ended': {
        const { exit, killed, stdout, stderr } = message;
        const ended = agent.ended;
        agent.ended = undefined;
        agent.call = undefined;
        ended?.(killed ? { kind: 'lost' } : { kind: 'exited', exit, stdout, stderr });
        break;
      }
      case 'workload':
        this.#events.workload(unit, message.event);
        break;
      case 'shutdown':
        this.#events.shutdown(unit);
        break;
      case 'log':
        this.#events.log(unit, message.level, message.line);
        break;
    }
  }
}

function answer(call: Call | undefined, { tool, args, stdin }: AgentMessage & { type: 'call' }): ToolAnswer {
  if (!call) return { code: 1, stdout: '', stderr: 'ERROR no hook is running\n' };
  try {
    return call(tool, args, stdin);
  } catch (error) {
    return { code: 1, stdout: '', stderr: `ERROR ${(error as Error).message}\n` };
  }
}
