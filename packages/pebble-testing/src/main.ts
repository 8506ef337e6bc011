/** @module The program: `pebble run` as a stand-in for the real one, one file on node:* when bundled. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type ListenOptions } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import { serve } from './api/server.ts';
import { type RunOptions, readArguments } from './arguments.ts';
import { Daemon, log } from './daemon.ts';
import { leavePid1 } from './init.ts';

const servers: Server[] = [];
let ending = false;
let daemon: Daemon;

leavePid1(log);
try {
  await run(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`cannot run daemon: ${(error as Error).message}\n`);
  process.exit(1);
}

async function run(options: RunOptions): Promise<void> {
  if (options.createDirs) mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  copyOnce(options.dir, process.env.PEBBLE_COPY_ONCE);
  daemon = new Daemon({
    verbose: options.verbose,
    onShutdown: (code) => void end(code, `a service or check asked for the end (exit code ${code})`),
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)
    process.on(signal, () => void end(0, `Exiting on ${signal} signal.`));
  daemon.load(join(options.dir, 'layers'));
  if (options.identities !== undefined) daemon.identities = readIdentities(options.identities);
  await listenOnSocket(options.socket);
  if (options.http !== undefined) await listen(serve(daemon, true), options.http);
  log(
    'Started daemon. This is a stand-in for Pebble: every local caller is admin, logs are not forwarded, no state is kept.',
  );
  if (!options.hold) daemon.autostart();
}

async function end(exitCode: number, reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  log(reason);
  await daemon.stop();
  for (const server of servers) server.close();
  process.exit(exitCode);
}

async function listenOnSocket(path: string): Promise<void> {
  if (await isAnswering(path))
    throw new Error(`when trying to listen on ${path}: socket ${JSON.stringify(path)} already in use`);
  rmSync(path, { force: true });
  await listen(serve(daemon, false), { path });
  // Who may do what is decided per request, not by the socket's mode: the charm's user must be able to connect.
  chmodSync(path, 0o666);
}

function isAnswering(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => {
    socket.destroy();
    resolve(true);
  });
  socket.once('error', () => resolve(false));
  return promise;
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  servers.push(server);
  server.once('error', reject);
  server.listen(where, resolve);
  return promise;
}

/** Copies the layers of an image into an empty directory, as $PEBBLE_COPY_ONCE asks. */
function copyOnce(dir: string, source: string | undefined): void {
  if (!source || !existsSync(source)) return;
  if (existsSync(dir) && readdirSync(dir).length > 0) return;
  cpSync(source, dir, { recursive: true });
}

function readIdentities(path: string): Record<string, unknown> {
  const file = parse(readFileSync(path, 'utf8')) as { identities?: Record<string, unknown> } | null;
  if (file?.identities === undefined) throw new Error(`cannot read identities: ${path} has no "identities"`);
  return file.identities;
}
