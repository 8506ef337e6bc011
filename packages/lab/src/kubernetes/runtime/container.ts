/** @module Containers as processes of this machine: start, signal, wait, and further processes beside the first. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type ContainerSpec, containerSteps, execSteps, type ProcessSpec } from './steps.ts';

const LAUNCHER = fileURLToPath(new URL('./launch.pl', import.meta.url));

/** How a container's first process ended. */
export interface Exit {
  readonly code: number;
  /** Number of the signal that ended it, 0 for none. */
  readonly signal: number;
}

/** A container that could not be started: a mount, a user or the program itself was refused. */
export class StartFailed extends Error {
  constructor(why: string) {
    super(`failed to create containerd task: failed to create shim task: OCI runtime create failed: ${why}`);
    this.name = 'StartFailed';
  }
}

/** A container whose first process runs or has run. */
export class Container {
  readonly id: string;
  readonly pid: number;
  readonly spec: ContainerSpec;
  readonly startedAt: Date;
  /** Settles when the first process and with it every other one is gone; never rejects. */
  readonly exited: Promise<Exit>;
  #alive = true;

  private constructor(id: string, pid: number, spec: ContainerSpec, exited: Promise<Exit>) {
    this.id = id;
    this.pid = pid;
    this.spec = spec;
    this.startedAt = new Date();
    this.exited = exited.finally(() => {
      this.#alive = false;
    });
  }

  /** Starts a container. `spec.work` must exist and be empty. @throws StartFailed */
  static async start(spec: ContainerSpec): Promise<Container> {
    const id = randomBytes(32).toString('hex');
    const steps = `${spec.work}.steps`;
    mkdirSync(dirname(spec.log.path), { recursive: true });
    writeFileSync(steps, containerSteps(spec), { mode: 0o600 });
    const shim = spawn('perl', [LAUNCHER, steps], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const { pid, exited } = await started(shim);
    return new Container(id, pid, spec, exited);
  }

  /** Sends a signal to the first process; one that has ended is left alone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#alive) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Runs one more process in this container as `kubectl exec` does: same user, capabilities and environment unless told. */
  exec(argv: readonly string[], change: Partial<ProcessSpec> = {}): ChildProcess {
    const process = { ...this.spec, ...change, argv };
    const steps = join(dirname(this.spec.work), `exec-${randomBytes(6).toString('hex')}.steps`);
    writeFileSync(steps, execSteps(this.pid, process), { mode: 0o600 });
    return spawn('perl', [LAUNCHER, steps, 'forget'], { stdio: ['pipe', 'pipe', 'pipe'] });
  }
}

/** Reads the shim's reports: the pid once the program runs, and its end. */
function started(shim: ChildProcess): Promise<{ pid: number; exited: Promise<Exit> }> {
  return new Promise((resolve, reject) => {
    let complaints = '';
    let text = '';
    let ended: (exit: Exit) => void = () => {};
    const exited = new Promise<Exit>((settle) => {
      ended = settle;
    });
    shim.stderr?.on('data', (chunk) => {
      complaints += chunk;
    });
    (shim.stdio[3] as Readable).on('data', (chunk) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const [word, ...rest] = text.slice(0, end).split(' ');
        text = text.slice(end + 1);
        if (word === 'started') resolve({ pid: Number(rest[0]), exited });
        else if (word === 'exited') ended({ code: Number(rest[0]), signal: Number(rest[1]) });
        else reject(new StartFailed(rest.join(' ')));
      }
    });
    shim.on('error', (error) => reject(new StartFailed(error.message)));
    shim.on('close', () => {
      reject(new StartFailed(complaints || 'the launcher ended without a word'));
      ended({ code: 137, signal: 9 });
    });
  });
}
