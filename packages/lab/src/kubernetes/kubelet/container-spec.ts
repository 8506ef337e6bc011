/** @module From a pod's container and its image to what the runtime starts. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { Image } from '../images.ts';
import { capabilityNumbers } from '../runtime/capabilities.ts';
import type { ContainerSpec, Mount } from '../runtime/steps.ts';
import { needsOtherUsers, runAs, UserRefused } from '../runtime/user.ts';
import { ConfigError, containerEnv, type Referred } from './env.ts';
import { hostsFile, type Naming, podHostname, resolvConf } from './etc-files.ts';
import { expand, type PodPlace } from './field.ts';
import { containerMounts } from './mounts.ts';

/** What a pod gives all its containers. */
export interface PodGround {
  readonly pod: Pod;
  readonly place: PodPlace;
  readonly netns: string;
  readonly podDirectory: string;
  readonly logDirectory: string;
  readonly volumePaths: ReadonlyMap<string, string>;
  readonly referred: Referred;
  readonly naming: Naming;
  /** Only user 0 exists here, and the lab was told to make do with it. */
  readonly singleUser: 'no' | 'refuse' | 'accept';
  /** Mounts of the machine that a `host` root file system needs besides `/`, e.g. a separate /usr. */
  readonly hostMounts: readonly Mount[];
  readonly logLimit: number;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Everything needed to start a container once; `attempt` counts its starts. @throws ConfigError, UserRefused */
export function containerSpec(ground: PodGround, container: Container, image: Image, attempt: number): ContainerSpec {
  refuseUnmodelled(ground, container);
  const { pod, place } = ground;
  const rootfs = image.rootfs === 'host' ? '/' : image.rootfs;
  const security = container.securityContext ?? {};
  const { home, ...user } = runAs(pod.spec?.securityContext, security, readIfThere(join(rootfs, 'etc/passwd')));
  const env = containerEnv(pod, container, { PATH, ...image.env }, ground.referred, place);
  const directory = join(ground.podDirectory, 'containers', container.name);
  const work = join(directory, `root-${attempt}`);
  mkdirSync(work, { recursive: true });
  return {
    netns: ground.netns,
    hostname: podHostname(pod),
    rootfs,
    work,
    mounts: [
      ...(image.rootfs === 'host' ? ground.hostMounts : []),
      ...(image.files ?? []).map(({ path, source }): Mount => ({ source, target: path, readOnly: true })),
      ...etcMounts(ground, container, directory),
      ...containerMounts(pod, container, ground.volumePaths, env),
    ],
    argv: command(container, image, env),
    env: { HOME: home, ...env },
    cwd: container.workingDir ?? image.workingDir ?? '/',
    ...user,
    capabilities: capabilityNumbers(security),
    privileged: security.privileged ?? false,
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    readOnlyRoot: security.readOnlyRootFilesystem ?? false,
    singleUser: ground.singleUser !== 'no',
    log: { path: join(ground.logDirectory, `${container.name}.log`), limit: ground.logLimit },
  };
}

/** Where a container writes its last words, as a file of the node. */
export function terminationLog(ground: Pick<PodGround, 'podDirectory'>, container: Container): string {
  return join(ground.podDirectory, 'containers', container.name, 'termination-log');
}

function command(container: Container, image: Image, env: Record<string, string>): string[] {
  const words = container.command
    ? [...container.command, ...(container.args ?? [])]
    : [...(image.entrypoint ?? []), ...(container.args ?? image.command ?? [])];
  if (words.length === 0) throw new ConfigError('no command specified');
  return words.map((word) => expand(word, env));
}

function etcMounts(ground: PodGround, container: Container, directory: string): Mount[] {
  const { pod, naming } = ground;
  const texts = {
    '/etc/hosts': hostsFile(pod, ground.place.podIp, naming),
    '/etc/resolv.conf': resolvConf(pod, naming),
    '/etc/hostname': `${podHostname(pod)}\n`,
    [container.terminationMessagePath ?? '/dev/termination-log']: '',
  };
  const own = new Set((container.volumeMounts ?? []).map(({ mountPath }) => mountPath));
  return Object.entries(texts)
    .filter(([target]) => !own.has(target))
    .map(([target, text]) => {
      const name = text === '' ? 'termination-log' : target.split('/').at(-1);
      const source = join(directory, name as string);
      writeFileSync(source, text);
      chmodSync(source, text === '' ? 0o666 : 0o644);
      return { source, target, readOnly: false };
    });
}

/** The lab refuses what it does not model instead of leaving it out silently. */
function refuseUnmodelled({ pod, singleUser }: PodGround, container: Container): void {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec ?? {};
  const asked = Object.entries({ hostNetwork, hostPID, hostIPC, shareProcessNamespace }).find(([, value]) => value);
  if (asked) throw new ConfigError(`${asked[0]} is not modelled by the lab: leave it out of pod ${pod.metadata?.name}`);
  if (container.lifecycle)
    throw new ConfigError(`lifecycle hooks are not modelled by the lab: container ${container.name}`);
  const other = needsOtherUsers(pod.spec?.securityContext, container.securityContext);
  if (singleUser !== 'refuse' || !other) return;
  const why = 'the lab runs in a user namespace that maps root only';
  throw new UserRefused(`${other} cannot be given: ${why}. Run the lab as root, or start it with singleUser: true.`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
