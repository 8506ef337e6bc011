/** @module Starts a command as the lab's node: in network, mount and process namespaces of its own. */

import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';

/** How the lab may make namespaces here: as root, as an unprivileged user with a user namespace, or not at all. */
export type Privilege = { kind: 'root' } | { kind: 'user-namespace' } | { kind: 'none'; reason: string };

/**
 * Private /run (network namespace names, WireGuard sockets) and the namespace's own /sys, then the command.
 * Why no exec: the first process must reap orphans, or a dead container's process namespace never ends; a shell does, Node does not.
 */
const ENTER = [
  'mount -t tmpfs -o mode=755 tmpfs /run',
  'mkdir -p /run/netns /run/wireguard /run/lock',
  'mount -t sysfs sysfs /sys 2>/dev/null',
  'ip link set lo up',
  '"$@"',
  'exit $?',
].join('\n');

/**
 * The privilege that this machine gives; it tries instead of guessing from kernel settings, since several of them decide.
 * @example privilege().kind === 'none' // then privilege().reason is a sentence for the user
 */
export function privilege(): Privilege {
  if (process.getuid?.() === 0 && trial([])) return { kind: 'root' };
  if (trial(['--map-root-user'])) return { kind: 'user-namespace' };
  return {
    kind: 'none',
    reason:
      'The lab needs network namespaces and this kernel refuses them to this user. Run it as root (sudo npm run demo), ' +
      'or allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000',
  };
}

function trial(map: string[]): boolean {
  const probe = ['--net', '--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', 'mount -t tmpfs tmpfs /run'];
  return spawnSync('unshare', [...map, ...probe], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/**
 * The argument list that runs `argv` as the lab's node; all that it starts or makes ends with it.
 * @example insideArgv(['node', 'lab.ts']) // ['unshare', '--net', ...]
 */
export function insideArgv(argv: string[], given: Privilege = privilege()): string[] {
  if (given.kind === 'none') throw new Error(given.reason);
  const map = given.kind === 'user-namespace' ? ['--map-root-user'] : [];
  const spaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return ['unshare', ...map, ...spaces, 'sh', '-c', ENTER, 'lab', ...argv];
}

/** Runs `argv` as the lab's node and gives back the process; killing it kills everything inside. */
export function insideNode(argv: string[], options: SpawnOptions = {}): ChildProcess {
  const [command, ...args] = insideArgv(argv);
  return spawn(command as string, args, options);
}
