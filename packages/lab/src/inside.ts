/** @module Starts a command as the lab's node: in network, mount and process namespaces of its own. */

import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';

/**
 * How the lab may make namespaces here: as root; as an unprivileged user with a user namespace, which has all users
 * where newuidmap(1) and subuid(5) give them and else only one (`why` says what to do); or not at all.
 */
export type Privilege =
  | { kind: 'root' }
  | { kind: 'user-namespace'; users: 'all' }
  | { kind: 'user-namespace'; users: 'one'; why: string }
  | { kind: 'none'; reason: string };

/** What an unprivileged user's own PATH does not have on Debian: programs for the administrator, and qbittorrent-nox. */
const FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/games'];

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

/** What the lab does first, and then becoming another user: group 65170 is the highest that it needs. */
const MOUNT = 'mount -t tmpfs tmpfs /run';
const MOUNT_AS_OTHERS = `${MOUNT} && setpriv --reuid=170 --regid=65170 --clear-groups true`;

/** What is wrong where only user 0 exists, and what to do about it. */
export const ONE_USER_ONLY =
  'The lock tells the charm from the workload by their users, and this machine gives the lab one user only. Run it as root, ' +
  'or give yourself a range of user ids: sudo apt-get install uidmap && ' +
  'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"';

const ALL_USERS = ['--map-root-user', '--map-auto'];
const ONE_USER = ['--map-root-user'];

/**
 * The privilege that this machine gives; it tries instead of guessing from kernel settings, since several of them decide.
 * @example privilege().kind === 'none' // then privilege().reason is a sentence for the user
 */
export function privilege(): Privilege {
  if (process.getuid?.() === 0 && trial([], MOUNT)) return { kind: 'root' };
  // Why this order: where the kernel refuses, unshare(1) leaves the child behind that it made to run newuidmap.
  if (trial(ONE_USER, MOUNT)) {
    if (trial(ALL_USERS, MOUNT_AS_OTHERS)) return { kind: 'user-namespace', users: 'all' };
    return { kind: 'user-namespace', users: 'one', why: ONE_USER_ONLY };
  }
  return {
    kind: 'none',
    reason: `The lab needs network namespaces and this kernel refuses them to this user. ${whatToDo()}`,
  };
}

/** Settings that decide it, where the kernel has them: path below /proc/sys, the values that refuse, and one that allows. */
const SETTINGS = [
  ['kernel/unprivileged_userns_clone', /^0$/, 1],
  ['kernel/apparmor_restrict_unprivileged_userns', /^[1-9]/, 0],
  ['user/max_user_namespaces', /^0$/, 15000],
] as const;

function whatToDo(): string {
  if (process.getuid?.() === 0) return 'In a container, start that with --privileged.';
  const changes = SETTINGS.filter(([path, refuses]) => refuses.test(settingOf(path)));
  const sysctl = changes.map(([path, , allows]) => `${path.replaceAll('/', '.')}=${allows}`).join(' ');
  return `Run it as root (sudo npm run demo)${sysctl && `, or allow user namespaces: sudo sysctl ${sysctl}`}.`;
}

function settingOf(path: string): string {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return '';
  }
}

function trial(map: string[], script: string): boolean {
  const spaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc'];
  return spawnSync('unshare', [...map, ...spaces, 'sh', '-c', script], { ...QUIET, env: environment() }).status === 0;
}

const QUIET: SpawnOptions = { stdio: 'ignore', timeout: 10_000 };

/**
 * The argument list that runs `argv` as the lab's node; all that it starts or makes ends with it.
 * @throws Error with the privilege's reason when there is none
 * @example insideArgv(['node', 'lab.ts']) // ['unshare', '--net', ...]
 */
export function insideArgv(argv: string[], given: Privilege = privilege()): string[] {
  if (given.kind === 'none') throw new Error(given.reason);
  const map = given.kind === 'root' ? [] : given.users === 'all' ? ALL_USERS : ONE_USER;
  const spaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return ['unshare', ...map, ...spaces, 'sh', '-c', ENTER, 'lab', ...argv];
}

/** Runs `argv` as the lab's node and gives back the process; killing it kills everything inside. @throws Error as insideArgv */
export function insideNode(argv: string[], options: SpawnOptions = {}, given: Privilege = privilege()): ChildProcess {
  const [command, ...args] = insideArgv(argv, given);
  return spawn(command as string, args, { ...options, env: environment(options.env) });
}

function environment(given: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...given, PATH: [given.PATH, ...FOLDERS].filter(Boolean).join(delimiter) };
}
