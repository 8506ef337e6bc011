/** @module The directories behind a pod's volumes, made before its containers and kept fresh while it lives. */

import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostPathVolumeSource, Pod, Volume } from 'kubernetes-types/core/v1.js';
import { writeAtomically } from './atomic-directory.ts';
import { MountFailed, type VolumeFiles, type VolumeSources, volumeFiles } from './volume-files.ts';

/** Where volumes live below the lab's directory. */
export interface VolumePlaces {
  /** Directory of this pod, removed with it. */
  readonly podDirectory: string;
  /** Whether files can be given to groups here; not where only root exists. */
  readonly hasGroups: boolean;
  /** Directory of a claim, which outlives pods. @throws MountFailed when there is no such claim yet */
  claimDirectory(claim: string): string;
}

/** The volumes of one pod. */
export class PodVolumes {
  readonly #pod: Pod;
  readonly #places: VolumePlaces;
  readonly #sources: VolumeSources;
  readonly #written = new Map<string, string>();
  #paths: ReadonlyMap<string, string> = new Map();

  constructor(pod: Pod, places: VolumePlaces, sources: VolumeSources) {
    this.#pod = pod;
    this.#places = places;
    this.#sources = sources;
  }

  /** Path of each volume on the node by its name; filled by `prepare`. */
  get paths(): ReadonlyMap<string, string> {
    return this.#paths;
  }

  /** Makes what is missing; may be called again. @throws MountFailed with the kubelet's sentence */
  prepare(): void {
    const volumes = this.#pod.spec?.volumes ?? [];
    this.#paths = new Map(volumes.map((volume) => [volume.name, this.#prepareOne(volume)]));
  }

  /** Writes volumes anew whose objects have changed; a reader sees all old or all new files. */
  refresh(): void {
    for (const volume of this.#pod.spec?.volumes ?? []) {
      if (!this.#written.has(volume.name) || isFromToken(volume)) continue;
      const files = volumeFiles(volume, this.#pod, this.#sources);
      if (files) this.#write(volume.name, files);
    }
  }

  /** Removes what belongs to the pod alone. */
  remove(): void {
    rmSync(this.#places.podDirectory, { recursive: true, force: true });
  }

  #prepareOne(volume: Volume): string {
    if (volume.persistentVolumeClaim) return this.#claim(volume.persistentVolumeClaim.claimName);
    if (volume.hostPath) return checkedHostPath(volume.hostPath);
    if (volume.emptyDir) return this.#emptyDir(volume.name);
    if (!this.#written.has(volume.name)) {
      const files = volumeFiles(volume, this.#pod, this.#sources);
      if (!files) throw new MountFailed(`this kubelet has no volume of the kind ${kindOf(volume)}`);
      this.#write(volume.name, files);
    }
    return this.#directory(volume.name);
  }

  #directory(name: string): string {
    return join(this.#places.podDirectory, 'volumes', name);
  }

  #write(name: string, files: VolumeFiles): void {
    const text = fingerprint(files);
    if (this.#written.get(name) === text) return;
    writeAtomically(this.#directory(name), files, this.#group());
    this.#written.set(name, text);
  }

  #emptyDir(name: string): string {
    const path = this.#directory(name);
    if (existsSync(path)) return path;
    mkdirSync(path, { recursive: true });
    this.#own(path);
    return path;
  }

  #claim(name: string): string {
    const path = this.#places.claimDirectory(name);
    this.#own(path);
    return path;
  }

  /** Everybody may write, and files get the pod's fsGroup where it has one. */
  #own(path: string): void {
    const group = this.#group();
    if (group !== undefined) chownSync(path, statSync(path).uid, group);
    chmodSync(path, group === undefined ? 0o777 : 0o2777);
  }

  #group(): number | undefined {
    return this.#places.hasGroups ? this.#pod.spec?.securityContext?.fsGroup : undefined;
  }
}

/** Why: the token would differ at each look; it is issued once for the pod's life. */
function isFromToken(volume: Volume): boolean {
  return volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken) ?? false;
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? '(none)';
}

function fingerprint(files: VolumeFiles): string {
  return JSON.stringify([...files].map(([path, { content, mode }]) => [path, content.toString('base64'), mode]));
}

const TYPES: Record<string, (path: string) => boolean> = {
  Directory: (path) => statSync(path).isDirectory(),
  File: (path) => statSync(path).isFile(),
  Socket: (path) => statSync(path).isSocket(),
  CharDevice: (path) => statSync(path).isCharacterDevice(),
  BlockDevice: (path) => statSync(path).isBlockDevice(),
};

function checkedHostPath({ path, type = '' }: HostPathVolumeSource): string {
  if (type === 'DirectoryOrCreate') mkdirSync(path, { recursive: true });
  if (type === 'FileOrCreate' && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  if (!existsSync(path)) throw new MountFailed(`hostPath type check failed: ${path} does not exist`);
  const check = TYPES[type];
  if (check && !check(path)) throw new MountFailed(`hostPath type check failed: ${path} is not a ${type}`);
  return realpathSync(path);
}
