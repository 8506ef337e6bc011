/** @module What all containers of a pod stand on: network, address, volumes, directories. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { applySysctls, type SysctlRefusal, sysctlRefusal } from '../runtime/sysctls.ts';
import type { PodGround } from './container-spec.ts';
import type { KubeletPorts } from './ports.ts';
import { MountFailed, type VolumeSources } from './volume-files.ts';
import { PodVolumes } from './volumes.ts';

/** Network and volumes of one pod; made once, removed with the pod. */
export class PodBase {
  readonly #ports: KubeletPorts;
  readonly #key: string;
  readonly #namespace: string;
  readonly #volumes: PodVolumes;
  readonly podDirectory: string;
  readonly logDirectory: string;
  /** Set when the node will never run this pod. */
  readonly refusal: SysctlRefusal | undefined;
  #link: { readonly netns: string; readonly address: string } | undefined;

  constructor(ports: KubeletPorts, pod: Pod) {
    const { namespace = '', name = '', uid = '' } = pod.metadata ?? {};
    this.#ports = ports;
    this.#namespace = namespace;
    this.#key = `${namespace}/${name}`;
    this.podDirectory = join(ports.directory, 'pods', uid);
    this.logDirectory = join(ports.directory, 'logs', `${namespace}_${name}_${uid.slice(0, 8)}`);
    this.refusal = sysctlRefusal(pod, ports.allowedSysctls);
    const { podDirectory } = this;
    const hasGroups = ports.singleUser === 'no';
    const claimDirectory = (claim: string) => this.#claimDirectory(claim);
    this.#volumes = new PodVolumes(pod, { podDirectory, hasGroups, claimDirectory }, this.#sources(pod));
  }

  /** The pod's address, '' before it has one. */
  get address(): string {
    return this.#link?.address ?? '';
  }

  /** Paths of the volumes by name. */
  get volumePaths(): ReadonlyMap<string, string> {
    return this.#volumes.paths;
  }

  /** Makes what is missing. @throws MountFailed and what the network throws */
  ready(pod: Pod): PodGround {
    const { ports, link } = { ports: this.#ports, link: this.#attached(pod) };
    this.#volumes.prepare();
    return {
      pod,
      place: { podIp: link.address, hostIp: ports.nodeAddress },
      netns: link.netns,
      podDirectory: this.podDirectory,
      logDirectory: this.logDirectory,
      volumePaths: this.#volumes.paths,
      referred: { ...this.#objects(), services: ports.caches.services.list() },
      naming: ports.naming,
      singleUser: ports.singleUser,
      hostMounts: ports.hostMounts,
      logLimit: ports.logLimit,
    };
  }

  /** Writes the files of changed ConfigMaps and Secrets. */
  refreshVolumes(): void {
    try {
      this.#volumes.refresh();
    } catch (error) {
      // Why: as on a real node a running pod keeps its last files when an object goes.
      if (!(error instanceof MountFailed)) throw error;
    }
  }

  /** Takes network and directories away; the logs stay. */
  remove(): void {
    if (this.#link) this.#ports.network.detach(this.#key);
    this.#link = undefined;
    this.#volumes.remove();
  }

  #attached(pod: Pod): { readonly netns: string; readonly address: string } {
    if (this.#link) return this.#link;
    const link = this.#ports.network.attach(this.#key);
    this.#link = link;
    applySysctls(link.netns, pod.spec?.securityContext?.sysctls ?? []);
    return link;
  }

  #objects() {
    const { configMaps, secrets } = this.#ports.caches;
    return {
      configMap: (name: string) => configMaps.get(this.#namespace, name),
      secret: (name: string) => secrets.get(this.#namespace, name),
    };
  }

  #sources(pod: Pod): VolumeSources {
    const token = () => this.#ports.issueToken(this.#namespace, pod.spec?.serviceAccountName ?? 'default');
    const base = this;
    return {
      ...this.#objects(),
      token,
      hostIp: this.#ports.nodeAddress,
      get podIp() {
        return base.address;
      },
    };
  }

  #claimDirectory(claim: string): string {
    const object = this.#ports.caches.claims.get(this.#namespace, claim);
    if (!object) throw new MountFailed(`persistentvolumeclaim "${claim}" not found`);
    const path = join(this.#ports.directory, 'claims', this.#namespace, claim);
    mkdirSync(path, { recursive: true });
    return path;
  }
}
