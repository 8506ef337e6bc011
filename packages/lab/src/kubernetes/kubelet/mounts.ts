/** @module From a container's volumeMounts to places of the node; subPaths are made where they are missing. */

import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod, VolumeMount } from 'kubernetes-types/core/v1.js';
import type { Mount } from '../runtime/steps.ts';
import { ConfigError } from './env.ts';
import { expand } from './field.ts';

/** The mounts of a container. @throws ConfigError for a subPath that leaves its volume */
export function containerMounts(
  pod: Pod,
  container: Container,
  paths: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string>>,
): Mount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const base = paths.get(mount.name);
    if (base === undefined) throw new ConfigError(`volume "${mount.name}" of pod ${pod.metadata?.name} is not mounted`);
    const source = subPath(base, mount, env);
    const readOnly = (mount.readOnly ?? false) || isAlwaysReadOnly(pod, mount.name);
    return { source, target: mount.mountPath, readOnly };
  });
}

function subPath(base: string, mount: VolumeMount, env: Readonly<Record<string, string>>): string {
  const below = mount.subPathExpr ? expand(mount.subPathExpr, env) : mount.subPath;
  if (!below) return realpathSync(base);
  if (below.startsWith('/') || below.split('/').includes('..')) {
    throw new ConfigError(`subPath "${below.slice(0, 60)}" must be relative and stay inside its volume`);
  }
  const path = join(base, below);
  makeLike(base, below);
  return realpathSync(path);
}

/** Makes the directories below a volume with the volume's own mode and group, as the kubelet does, so that any user of the pod may write. */
function makeLike(base: string, below: string): void {
  const { mode, uid, gid } = statSync(base);
  let path = base;
  for (const part of below.split('/').filter(Boolean)) {
    path = join(path, part);
    if (existsSync(path)) continue;
    mkdirSync(path);
    chownSync(path, uid, gid);
    chmodSync(path, mode);
  }
}

/** Volumes that are filled from objects cannot be written, whatever the mount says (Kubernetes 1.9 and later). */
function isAlwaysReadOnly(pod: Pod, name: string): boolean {
  const volume = pod.spec?.volumes?.find((item) => item.name === name);
  return Boolean(volume?.configMap || volume?.secret || volume?.projected || volume?.downwardAPI);
}
