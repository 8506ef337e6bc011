/** @module One workload container during a hook: a Pebble in a root of its own, so that it cannot touch the machine. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Pebble, type Plan, type Service } from '@vpn-k8s/pebble';
import { pebbleCommand } from '@vpn-k8s/pebble-testing';
import type { Container } from '../state/container.ts';
import type { PebbleChange } from '../state/results.ts';

/** A container that runs while the hook does. */
export interface RunningContainer {
  /** The container as the hook left it. */
  after(): Promise<Container>;
  /** What Pebble was asked to do with services, in order. */
  changes(): Promise<PebbleChange[]>;
  stop(): Promise<void>;
}

/** Directories of this machine that the container sees, read-only; everything else in it is its own. */
const shared = ['usr', 'bin', 'sbin', 'lib', 'lib64', 'etc'];

/**
 * Makes the root and runs the command in it. $1 is the root, $2 the directory of the socket, $3 and $4 are the program
 * and its file. Without root the kernel's own rules keep the shared directories as they are.
 */
const enter = `set -e
for dir in ${shared.join(' ')}; do
  [ -d "/$dir" ] || continue
  mkdir -p "$1/$dir"; mount --rbind "/$dir" "$1/$dir"
  mount -o remount,bind,ro "$1/$dir" 2>/dev/null || true
done
mkdir -p "$1/proc" "$1/dev" "$1/tmp" "$1/charm/container" "$1/opt"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/charm/container"
touch "$1/opt/node" "$1/opt/pebble.mjs"
mount --bind "$3" "$1/opt/node"; mount --bind "$4" "$1/opt/pebble.mjs"
exec chroot "$1" /opt/node /opt/pebble.mjs run --create-dirs --hold
`;

/** Starts the container of a state; `socketDir` is where the charm looks for the socket. */
export async function startContainer(container: Container, root: string, socketDir: string): Promise<RunningContainer> {
  furnish(container, root);
  const child = await enterContainer(root, socketDir);
  const pebble = new Pebble(join(socketDir, 'pebble.socket'));
  await answering(child, pebble);
  for (const [label, layer] of Object.entries(container.layers)) await pebble.addLayer(label, layer);
  if (container.running.length > 0) await pebble.start([...container.running]);
  const before = new Set((await pebble.changes()).map(({ id }) => id));
  return {
    after: () => afterHook(container, root, pebble),
    changes: async () => {
      const made = (await pebble.changes()).filter(({ id, kind }) => !before.has(id) && !kind.endsWith('-check'));
      // Why sorted: Pebble answers in no order.
      const inOrder = made.sort((one, other) => Number(one.id) - Number(other.id));
      return inOrder.map(({ kind, summary, status }) => ({ container: container.name, kind, summary, status }));
    },
    stop: () => stop(child),
  };
}

function furnish(container: Container, root: string): void {
  for (const [name, script] of Object.entries(container.programs)) put(join(root, 'programs', name), script, 0o755);
  for (const [path, content] of Object.entries(container.files)) put(join(root, path), content, 0o644);
}

function put(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

async function enterContainer(root: string, socketDir: string): Promise<ChildProcess> {
  mkdirSync(root, { recursive: true });
  mkdirSync(socketDir, { recursive: true });
  const [node, program] = (await pebbleCommand('stand-in')) as [string, string];
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  // Why --net: a check or a program of a layer must reach nobody, least of all somebody on the developer's own network.
  const namespaces = [...user, '--net', '--mount', '--pid', '--fork', '--kill-child'];
  return spawn('unshare', [...namespaces, 'sh', '-c', enter, 'container', root, socketDir, node, program], {
    env: {
      PATH: '/programs:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      PEBBLE: '/charm/pebble',
      PEBBLE_SOCKET: '/charm/container/pebble.socket',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function answering(child: ChildProcess, pebble: Pebble): Promise<void> {
  let said = '';
  const listen = (chunk: Buffer) => {
    said += chunk.toString('utf8');
  };
  child.stdout!.on('data', listen);
  child.stderr!.on('data', listen);
  for (const end = performance.now() + 10_000; performance.now() < end && child.exitCode === null; ) {
    const answers = await pebble.systemInfo().then(
      () => true,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stop(child);
  throw new Error(
    `The container's Pebble does not answer (it needs util-linux' unshare and the right to use it):\n${said}`,
  );
}

/** Why SIGKILL: nothing in the container outlives its namespace, and nobody waits for its services. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function afterHook(container: Container, root: string, pebble: Pebble): Promise<Container> {
  const plan = await pebble.plan();
  const services = await pebble.services();
  const running = services.filter((one) => one.current === 'active').map((one) => one.name);
  return {
    ...container,
    layers: layersOf(plan),
    running,
    files: filesIn(root),
    plan,
  };
}

/** One layer that gives the plan again: labels of the layers below it are gone. */
function layersOf(plan: Plan): Container['layers'] {
  const parts = Object.entries(plan).map(([part, entries]) => {
    const named = Object.entries((entries ?? {}) as Record<string, Service>);
    return [part, Object.fromEntries(named.map(([name, entry]) => [name, { ...entry, override: 'replace' }]))];
  });
  return parts.length === 0 ? {} : { plan: Object.fromEntries(parts) };
}

/** Text of all files that are the container's own. */
function filesIn(root: string, below = ''): Record<string, string> {
  const own = readdirSync(join(root, below)).filter((name) => below !== '' || !notOwn.includes(name));
  const found: Record<string, string> = {};
  for (const name of own) {
    const path = `${below}/${name}`;
    const info = lstatSync(join(root, path));
    if (info.isDirectory()) Object.assign(found, filesIn(root, path));
    else if (info.isFile()) found[path] = readFileSync(join(root, path), 'utf8');
  }
  return found;
}

const notOwn = [...shared, 'proc', 'dev', 'charm', 'opt', 'programs'];
