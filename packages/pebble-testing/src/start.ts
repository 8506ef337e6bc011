/** @module A running Pebble for tests, the stand-in or the real one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Pebble } from '@vpn-k8s/pebble';
import { buildPebble } from './build.ts';
import { bundlePebble } from './bundle.ts';

/** Which program runs. */
export type PebbleProgram = 'stand-in' | 'real';

/** How a Pebble is started for a test. */
export interface StartOptions {
  /** $PEBBLE; it is made. */
  readonly dir: string;
  /** $PEBBLE_SOCKET; `.pebble.socket` in the folder unless told. */
  readonly socket?: string;
  readonly program?: PebbleProgram;
  /** More of `pebble run`; `['--hold']` unless told. */
  readonly args?: readonly string[];
  /** The whole environment beside those two; PATH and HOME unless told. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A Pebble that answers. */
export interface RunningPebble {
  readonly program: PebbleProgram;
  readonly client: Pebble;
  readonly socket: string;
  readonly process: ChildProcess;
  /** Settles with the exit code when it has ended by whatever cause. */
  readonly exited: Promise<number | null>;
  /** What it has written so far. */
  output(): string;
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<number | null>;
}

/** The command of a program; throws Error when the real one is asked for and cannot be had. */
export async function pebbleCommand(program: PebbleProgram): Promise<string[]> {
  if (program === 'stand-in') return [process.execPath, await bundlePebble()];
  const path = await buildPebble();
  if (path === undefined) throw new Error('There is no real Pebble here, see whyNoPebble()');
  return [path];
}

/** Starts a Pebble and waits until it answers; throws Error with its output when it ends instead. */
export async function startPebble(options: StartOptions): Promise<RunningPebble> {
  mkdirSync(options.dir, { recursive: true });
  const socket = options.socket ?? join(options.dir, '.pebble.socket');
  const answers = await new Pebble(socket).systemInfo().then(
    () => true,
    () => false,
  );
  if (answers) throw new Error(`Another Pebble answers on ${socket} already: stop it first`);
  const [command, ...first] = await pebbleCommand(options.program ?? 'stand-in');
  const own = options.env ?? { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: process.env.HOME ?? '/' };
  const child = spawn(command!, [...first, 'run', ...(options.args ?? ['--hold'])], {
    env: { ...own, PEBBLE: options.dir, ...(options.socket === undefined ? {} : { PEBBLE_SOCKET: socket }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = track(options.program ?? 'stand-in', child, socket);
  await answering(running);
  return running;
}

function track(program: PebbleProgram, child: ChildProcess, socket: string): RunningPebble {
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  }
  const { promise: exited, resolve } = Promise.withResolvers<number | null>();
  child.once('exit', resolve);
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return { program, client: new Pebble(socket), socket, process: child, exited, output: () => text, stop };
}

async function answering(running: RunningPebble): Promise<void> {
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  for (const end = performance.now() + 10_000; performance.now() < end && !ended; ) {
    const answers = await running.client.systemInfo().then(
      () => true,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await running.stop();
  throw new Error(`Pebble does not answer on ${running.socket}:\n${running.output()}`);
}
