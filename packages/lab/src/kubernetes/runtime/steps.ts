/** @module From a container's specification to the steps that launch.pl takes, pure. */

/** A place of the node that appears in the container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** What runs in a container and as whom: the part that an exec shares with its container. */
export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: number;
  readonly group: number;
  readonly groups: readonly number[];
  readonly capabilities: readonly number[];
  readonly noNewPrivileges: boolean;
  /** Only user 0 exists (unprivileged user namespace): users and groups are left as they are. */
  readonly singleUser: boolean;
}

/** One container to start. */
export interface ContainerSpec extends ProcessSpec {
  readonly netns: string;
  readonly hostname: string;
  /** Lower directory of the root: `/` for the machine's own. */
  readonly rootfs: string;
  /** Empty directory of the node on which the private layer is mounted, in the container's mount namespace only. */
  readonly work: string;
  readonly mounts: readonly Mount[];
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly log: { readonly path: string; readonly limit: number };
}

type Step = readonly [word: string, ...args: (string | number)[]];

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const DEVICE_LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
};

/** Steps that start a container in its pod's network namespace, with every other namespace its own. */
export function containerSteps(spec: ContainerSpec): string {
  return render([
    ['log', spec.log.path, spec.log.limit],
    ['netns', spec.netns],
    ['pidspace'],
    ['fork'],
    ['spaces'],
    ['hostname', spec.hostname],
    ['root', spec.rootfs, spec.work],
    ...rootSteps(spec),
    ...mountSteps(spec.mounts),
    ['leave'],
    ...(spec.readOnlyRoot ? ([['lock', '/']] as Step[]) : []),
    ...processSteps(spec),
  ]);
}

/** Steps that run one more process in a container whose first process is `pid`. */
export function execSteps(pid: number, spec: ProcessSpec): string {
  return render([['join', pid], ['fork'], ['joined'], ...processSteps(spec)]);
}

function rootSteps(spec: ContainerSpec): Step[] {
  const rights = spec.privileged ? 'rw' : 'ro';
  return [
    ['tmpfs', '/run', 'mode=755'],
    ...(spec.rootfs === '/' ? hiddenSteps() : []),
    ['proc'],
    ...(spec.privileged ? [] : ([['readonly', '/proc/sys']] as Step[])),
    ['sysfs', rights],
    ...deviceSteps(spec.privileged),
  ];
}

/** Why: the machine's own files of these places must not look like the container's. */
function hiddenSteps(): Step[] {
  return [
    ['tmpfs', '/tmp', 'mode=1777'],
    ['tmpfs', '/var/tmp', 'mode=1777'],
    ['tmpfs', '/root', 'mode=700'],
  ];
}

function deviceSteps(privileged: boolean): Step[] {
  return [
    ['tmpfs', '/dev', 'mode=755'],
    ...DEVICES.map((name): Step => ['bind', `/dev/${name}`, `/dev/${name}`, 'rw']),
    ...Object.entries(DEVICE_LINKS).map(([name, target]): Step => ['symlink', target, `/dev/${name}`]),
    ['devpts'],
    ['symlink', 'pts/ptmx', '/dev/ptmx'],
    ['tmpfs', '/dev/shm', 'mode=1777'],
    ...(privileged ? ([['devices']] as Step[]) : []),
  ];
}

/** Why sorted: a mount inside another one must come after it. */
function mountSteps(mounts: readonly Mount[]): Step[] {
  const depth = (path: string) => path.split('/').filter(Boolean).length;
  const sorted = [...mounts].sort((a, b) => depth(a.target) - depth(b.target));
  return sorted.map((mount) => ['bind', mount.source, mount.target, mount.readOnly ? 'ro' : 'rw']);
}

function processSteps(spec: ProcessSpec): Step[] {
  return [
    ...Object.entries(spec.env).map(([name, value]): Step => ['env', name, value]),
    ['cwd', spec.cwd],
    ...(spec.noNewPrivileges ? ([['nonewprivs']] as Step[]) : []),
    ['keepcaps', ...spec.capabilities],
    ...(spec.singleUser ? [] : ([['user', spec.user, spec.group, ...spec.groups]] as Step[])),
    ['exec', ...spec.argv],
  ];
}

function render(steps: readonly Step[]): string {
  return `${steps.map((step) => step.map((word) => encode(String(word))).join(' ')).join('\n')}\n`;
}

/** Percent-encodes what would end a word or a line. */
function encode(word: string): string {
  return word.replaceAll(
    /[% \t\r\n]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
