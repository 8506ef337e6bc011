/** @module Commands run for a client: one change each, its pipes carried by websockets. */
import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { encodeFrame, type Frame, FrameReader, opcode, type Plan } from '@vpn-k8s/pebble';
import type { Change, Changes, Task } from './changes.ts';
import { type Context, withContext } from './checks/probe.ts';
import { formatDuration } from './duration.ts';
import { daemonEnvironment, exitCodeOf, findProgram, isSignal, kill, launch, type Program } from './launch.ts';
import { findUser, resolveOwner } from './users.ts';

/** What the exec API is asked for, with `timeoutMs` read already (0: none). */
export interface ExecRequest extends Context {
  readonly command: readonly string[];
  readonly serviceContext?: string | undefined;
  readonly timeoutMs: number;
  readonly splitStderr: boolean;
}

/** The client must have connected its websockets in this time. */
const connectMs = 5_000;

type SocketName = 'control' | 'stdio' | 'stderr';

interface Execution {
  readonly splitStderr: boolean;
  readonly sockets: Map<SocketName, Duplex>;
  readonly connected: PromiseWithResolvers<void>;
  readonly early: { name: SocketName; frame: Frame }[];
  receive(name: SocketName, frame: Frame): void;
}

/** The executions that are under way, by task. */
export class Executions {
  readonly #plan: () => Plan;
  readonly #changes: Changes;
  readonly #running = new Map<string, Execution>();
  readonly #begun = new Set<Change>();

  constructor(plan: () => Plan, changes: Changes) {
    this.#plan = plan;
    this.#changes = changes;
  }

  /** Makes the change of a command; throws Error in the real one's words when it cannot be run as asked. */
  start(request: ExecRequest): { change: Change; environment: Readonly<Record<string, string>>; workingDir: string } {
    const name = request.command[0] ?? '';
    if (findProgram(name) === undefined) throw new Error(`cannot find executable ${JSON.stringify(name)}`);
    const program = programOf(this.#plan(), request);
    const summary = `Execute command ${JSON.stringify(name)}`;
    const work = (task: Task, signal: AbortSignal) => this.#run(task, signal, program, request);
    const change = this.#changes.start({ kind: 'exec', summary, steps: [{ kind: 'exec', summary, work, after: [] }] });
    this.#running.set(change.tasks[0]!.id, newExecution(request.splitStderr));
    this.#begun.add(change);
    void change.ended.then(() => this.#begun.delete(change));
    return { change, environment: program.environment, workingDir: program.workingDir! };
  }

  /** Takes a socket over after its upgrade; false when no execution waits for it. */
  connect(taskId: string, name: string, socket: Duplex): boolean {
    const execution = this.#running.get(taskId);
    const names: SocketName[] = ['control', 'stdio', ...(execution?.splitStderr ? (['stderr'] as const) : [])];
    const known = names.find((other) => other === name);
    if (execution === undefined || known === undefined || execution.sockets.has(known)) return false;
    execution.sockets.set(known, socket);
    listen(socket, (frame) => execution.receive(known, frame));
    if (names.every((other) => other === 'control' || execution.sockets.has(other))) execution.connected.resolve();
    return true;
  }

  /** Ends all, for the end of Pebble. */
  stopAll(): void {
    for (const change of this.#begun) change.abort();
  }

  async #run(task: Task, signal: AbortSignal, program: Program, request: ExecRequest): Promise<void> {
    const execution = this.#running.get(task.id)!;
    try {
      await connected(task, execution, signal);
      const child = await launch(program);
      const code = await pipe(execution, child, signal, request.timeoutMs);
      task.data = { 'exit-code': code ?? -1 };
      if (code === undefined)
        throw new Error(`timed out after ${formatDuration(request.timeoutMs)}: context deadline exceeded`);
    } catch (error) {
      task.data ??= { 'exit-code': -1 };
      throw error;
    } finally {
      this.#running.delete(task.id);
      for (const socket of execution.sockets.values()) socket.end();
    }
  }
}

function newExecution(splitStderr: boolean): Execution {
  const early: Execution['early'] = [];
  const receive = (name: SocketName, frame: Frame) => void early.push({ name, frame });
  return { splitStderr, sockets: new Map(), connected: Promise.withResolvers<void>(), early, receive };
}

async function connected(task: Task, execution: Execution, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<never>();
  const late = `exec ${task.id}: timeout waiting for websocket connections: context deadline exceeded`;
  const timer = setTimeout(() => over.reject(new Error(late)), connectMs);
  signal.addEventListener('abort', () => over.reject(new Error('context canceled')), { once: true });
  await Promise.race([execution.connected.promise, over.promise]).finally(() => clearTimeout(timer));
}

/** Carries bytes both ways until the command has ended; undefined when it ran out of time. */
async function pipe(
  execution: Execution,
  child: ChildProcess,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<number | undefined> {
  const stdio = execution.sockets.get('stdio')!;
  const stderr = execution.splitStderr ? execution.sockets.get('stderr')! : stdio;
  child.stdout!.on('data', (chunk: Buffer) => stdio.write(encodeFrame(opcode.binary, chunk)));
  child.stderr!.on('data', (chunk: Buffer) => stderr.write(encodeFrame(opcode.binary, chunk)));
  child.stdin!.on('error', () => undefined);
  execution.receive = (name, frame) => obey(child, name, frame);
  for (const { name, frame } of execution.early.splice(0)) obey(child, name, frame);
  const ended = Promise.withResolvers<number>();
  child.once('close', (code, by) => ended.resolve(exitCodeOf(code, by)));
  child.once('exit', (code, by) => setTimeout(() => ended.resolve(exitCodeOf(code, by)), 1_000).unref());
  const stop = () => void kill(child.pid!, 'SIGKILL');
  const timer = timeoutMs === 0 ? undefined : setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  const started = performance.now();
  const code = await ended.promise;
  clearTimeout(timer);
  for (const socket of new Set([stdio, stderr]))
    socket.write(encodeFrame(opcode.text, Buffer.from('{"command":"end"}')));
  return timeoutMs > 0 && performance.now() - started >= timeoutMs ? undefined : code;
}

function obey(child: ChildProcess, name: SocketName, frame: Frame): void {
  if (name === 'control') control(child, frame);
  else if (name === 'stdio' && frame.opcode === opcode.binary) child.stdin!.write(frame.payload);
  else if (name === 'stdio' && frame.opcode === opcode.text) child.stdin!.end();
}

function control(child: ChildProcess, frame: Frame): void {
  if (frame.opcode !== opcode.text) return;
  const command = JSON.parse(frame.payload.toString('utf8')) as { command?: string; signal?: { name?: string } };
  const name = command.signal?.name ?? '';
  if (command.command === 'signal' && isSignal(name)) kill(child.pid!, name);
}

function listen(socket: Duplex, receive: (frame: Frame) => void): void {
  const reader = new FrameReader();
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    for (const frame of reader.push(data)) {
      if (frame.opcode === opcode.ping) socket.write(encodeFrame(opcode.pong, frame.payload));
      else if (frame.opcode === opcode.close) socket.end(encodeFrame(opcode.close, frame.payload));
      else receive(frame);
    }
  });
}

function programOf(plan: Plan, request: ExecRequest): Program {
  const merged = withContext(plan, request.serviceContext, request);
  const owner = resolveOwner(merged);
  const inherited = daemonEnvironment();
  if (owner !== undefined && owner.uid !== process.getuid!()) for (const key of ['HOME', 'USER']) delete inherited[key];
  const environment: Record<string, string> = { ...inherited, ...merged.environment };
  const user = findUser(owner?.uid ?? process.getuid!());
  environment.PATH ??= '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  environment.HOME ||= user?.home ?? '';
  environment.USER ||= user?.name ?? '';
  environment.LANG ??= 'C.UTF-8';
  const workingDir = merged['working-dir'] || environment.HOME || '/';
  if (!statSync(workingDir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(
      `cannot call exec: ${merged['working-dir'] ? 'working' : 'home'} directory ${JSON.stringify(workingDir)} does not exist`,
    );
  }
  return { argv: request.command, environment, workingDir, owner, stdio: ['pipe', 'pipe', 'pipe'] };
}
