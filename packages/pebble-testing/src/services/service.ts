/** @module One supervised service: its state machine from start to stop, with back-off in between. */
import type { ChildProcess } from 'node:child_process';
import type { Service as Config, ServiceAction } from '@vpn-k8s/pebble';
import { now } from '../clock.ts';
import { formatDuration, parseDuration } from '../duration.ts';
import { daemonEnvironment, exitCodeOf, kill, launch, type Program } from '../launch.ts';
import { findUser, resolveOwner } from '../users.ts';
import { parseCommand } from '../words.ts';
import { Output } from './output.ts';

type State = 'initial' | 'starting' | 'running' | 'terminating' | 'killing' | 'stopped' | 'backoff' | 'exited';

/** Asks the whole Pebble to end; the exit code is the real one's (10 after a service, 11 after a check failed). */
export type Shutdown = (exitCode: 0 | 10 | 11) => void;

/** What a service needs of its Pebble. */
export interface Surroundings {
  readonly shutdown: Shutdown;
  readonly verbose: boolean;
  log(message: string): void;
}

/** A service must stay up this long to count as started (Pebble's okayDelay), in milliseconds. */
const okayMs = 1_000;
const killFailMs = 5_000;

/** A service under supervision; its configuration is that of its last start or replan. */
export class Service {
  readonly name: string;
  readonly output: Output;
  config: Config;
  startCount = 0;
  since: bigint | undefined;
  #state: State = 'initial';
  #restarting = false;
  #child: ChildProcess | undefined;
  #backoffMs = 0;
  #backoffs = 0;
  #timer: NodeJS.Timeout | undefined;
  #reset: NodeJS.Timeout | undefined;
  #started: PromiseWithResolvers<void> | undefined;
  #stopped: PromiseWithResolvers<void> | undefined;
  readonly #around: Surroundings;

  constructor(name: string, config: Config, around: Surroundings) {
    this.name = name;
    this.config = config;
    this.#around = around;
    this.output = new Output(name, around.verbose);
  }

  get status(): 'active' | 'inactive' | 'backoff' | 'error' {
    if (this.#state === 'starting' || this.#state === 'running') return 'active';
    if (this.#state === 'backoff') return 'backoff';
    return this.#state === 'exited' || this.#state === 'initial' ? 'error' : 'inactive';
  }

  /** Whether it must be stopped before Pebble may end. */
  get isAlive(): boolean {
    return ['starting', 'running', 'backoff', 'terminating', 'killing'].includes(this.#state);
  }

  get killDelayMs(): number {
    return parseDuration(this.config['kill-delay'] ?? '5s') ?? 5_000;
  }

  /** Starts it and waits until it has been up for a second; answers a remark when it runs already. Throws Error when it ends earlier. */
  async start(config: Config, signal: AbortSignal): Promise<string | undefined> {
    this.config = config;
    if (this.#state === 'starting' || this.#state === 'running') return `Service "${this.name}" already started.`;
    if (this.#state === 'terminating' || this.#state === 'killing')
      throw new Error(`cannot start service while ${this.#state}`);
    this.#backoffMs = this.#backoffs = 0;
    this.#started = Promise.withResolvers<void>();
    this.#enter('starting');
    await this.#spawn('stopped');
    this.#later(okayMs, () => this.#okay());
    signal.addEventListener('abort', () => this.#abortStart(), { once: true });
    await this.#started.promise;
    return undefined;
  }

  /** Stops it: SIGTERM to its process group, SIGKILL after the kill delay; answers a remark when it does not run. */
  async stop(): Promise<string | undefined> {
    // As the real one: also when it is being stopped only to be restarted after a failed check.
    if (this.#state === 'terminating' || this.#state === 'killing') return `Service "${this.name}" already stopping.`;
    if (this.#state === 'stopped') return `Service "${this.name}" already stopped.`;
    if (this.#state === 'exited') {
      this.#enter('stopped');
      return `Service "${this.name}" had already exited.`;
    }
    this.#stopped = Promise.withResolvers<void>();
    this.#beginStop();
    await this.#stopped.promise;
    return undefined;
  }

  /** Sends a signal to its main process; throws Error when it does not run. */
  signal(signal: NodeJS.Signals): void {
    if (this.#state !== 'starting' && this.#state !== 'running') throw new Error('service is not running');
    kill(this.#child!.pid!, signal);
  }

  /** Does what `on-check-failure` says; a service that is starting or stopping is left alone. */
  checkFailed(action: ServiceAction): void {
    if (!['running', 'backoff', 'exited'].includes(this.#state) || action === 'ignore') return;
    if (action === 'shutdown') this.#around.shutdown(11);
    else if (action === 'success-shutdown') this.#around.shutdown(0);
    else if (this.#state === 'running') this.#terminate(true);
    else if (this.#state === 'exited') this.#backOff('on-check-failure');
  }

  #enter(state: State, restarting = false): void {
    const before = this.status;
    const fresh = this.#state === 'initial';
    this.#state = state;
    this.#restarting = restarting;
    if (fresh || this.status !== before) this.since = now();
  }

  async #spawn(onError: State): Promise<void> {
    try {
      this.#around.log(`Service "${this.name}" starting: ${this.config.command}`);
      const child = await launch(programOf(this.config));
      this.#child = child;
      this.startCount++;
      child.stdout!.on('data', (chunk: Buffer) => this.output.write(chunk.toString('utf8')));
      child.stderr!.on('data', (chunk: Buffer) => this.output.write(chunk.toString('utf8')));
      child.once('exit', (code, signal) => this.#drain(child, exitCodeOf(code, signal)));
      const limitMs = parseDuration(this.config['backoff-limit'] ?? '30s') ?? 30_000;
      this.#reset = setTimeout(() => this.#resetBackoff(), limitMs).unref();
    } catch (error) {
      this.#enter(onError);
      throw new Error(`cannot start service: ${(error as Error).message}`);
    }
  }

  /** Why: output may still be in the pipe when the process has ended, and children of it may hold the pipe for ever. */
  #drain(child: ChildProcess, code: number): void {
    const finish = () => {
      clearTimeout(patience);
      child.removeListener('close', finish);
      child.stdout!.destroy();
      child.stderr!.destroy();
      this.output.flush();
      this.#exited(code);
    };
    const patience = setTimeout(finish, this.killDelayMs * 0.9);
    child.once('close', finish);
  }

  #okay(): void {
    if (this.#state !== 'starting') return;
    this.#enter('running');
    this.#started!.resolve();
  }

  #exited(code: number): void {
    clearTimeout(this.#reset);
    if (this.#state === 'starting' || this.#state === 'running') this.#unexpected(code);
    else if (this.#state === 'terminating' || this.#state === 'killing') {
      if (this.#restarting) this.#backOff('on-check-failure');
      else this.#ended();
    }
  }

  #unexpected(code: number): void {
    const field = code === 0 ? 'on-success' : 'on-failure';
    const action = this.config[field] || 'restart';
    this.#around.log(`Service "${this.name}" stopped unexpectedly with code ${code}`);
    if (this.#state === 'starting')
      this.#started!.reject(new Error(`service start attempt: exited quickly with code ${code}, will ${action}`));
    if (action === 'restart') this.#backOff(field);
    else {
      this.#enter(action === 'ignore' && code === 0 ? 'stopped' : 'exited');
      if (action !== 'ignore') this.#around.shutdown(shutdownCode(action, code));
    }
  }

  #backOff(reason: string): void {
    const limit = parseDuration(this.config['backoff-limit'] ?? '30s') ?? 30_000;
    const first = parseDuration(this.config['backoff-delay'] ?? '500ms') ?? 500;
    this.#backoffs++;
    this.#backoffMs =
      this.#backoffMs === 0 ? first : Math.min(limit, this.#backoffMs * (this.config['backoff-factor'] ?? 2));
    const wait = formatDuration(this.#backoffMs);
    this.#around.log(
      `Service "${this.name}" ${reason} action is "restart", waiting ~${wait} before restart (backoff ${this.#backoffs})`,
    );
    this.#enter('backoff');
    this.#later(this.#backoffMs * (1 + Math.random() * 0.1), () => void this.#again());
  }

  async #again(): Promise<void> {
    if (this.#state !== 'backoff') return;
    this.#enter('running');
    await this.#spawn('backoff').catch((error: Error) => this.#around.log(error.message));
  }

  #resetBackoff(): void {
    if (this.#state === 'running') this.#backoffMs = this.#backoffs = 0;
  }

  #beginStop(): void {
    if (this.#state === 'starting')
      this.#started!.reject(new Error('service start attempt: stopped before the 1s okay delay'));
    if (this.#state === 'backoff') this.#ended();
    else this.#terminate(false);
  }

  #terminate(restarting: boolean): void {
    kill(-this.#child!.pid!, 'SIGTERM');
    this.#enter('terminating', restarting);
    this.#later(this.killDelayMs, () => this.#kill());
  }

  #kill(): void {
    if (this.#state !== 'terminating') return;
    kill(-this.#child!.pid!, 'SIGKILL');
    this.#enter('killing', this.#restarting);
    this.#later(killFailMs, () => {
      if (this.#state !== 'killing') return;
      this.#enter('stopped');
      this.#stopped?.reject(new Error('cannot stop service: process still running after SIGTERM and SIGKILL'));
    });
  }

  #ended(): void {
    clearTimeout(this.#timer);
    this.#enter('stopped');
    this.#stopped?.resolve();
  }

  #abortStart(): void {
    if (this.#state !== 'starting') return;
    this.#enter('stopped');
    kill(-this.#child!.pid!, 'SIGKILL');
    this.#started!.reject(new Error('start aborted, sent SIGKILL to process'));
  }

  /** One timer at a time: every state waits for one thing. */
  #later(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }
}

function shutdownCode(action: ServiceAction, code: number): 0 | 10 {
  if (action === 'success-shutdown') return 0;
  return action === 'failure-shutdown' || code !== 0 ? 10 : 0;
}

function programOf(config: Config): Program {
  const owner = resolveOwner(config);
  const own: Record<string, string> = { ...config.environment };
  const user = owner === undefined ? undefined : findUser(owner.uid);
  if (user !== undefined) {
    own.HOME ||= user.home;
    own.USER ||= user.name;
  }
  return {
    argv: parseCommand(config.command ?? ''),
    environment: { ...daemonEnvironment(), ...own },
    workingDir: config['working-dir'] || undefined,
    owner,
  };
}
