/** @module The kubelet: a worker for each pod that is bound to this node. */

import type { Pod } from 'kubernetes-types/core/v1.js';
import { keyOf } from '../cache.ts';
import { PodWorker } from './pod-worker.ts';
import type { KubeletPorts } from './ports.ts';

/** Runs the pods of one node. */
export class Kubelet {
  readonly #ports: KubeletPorts;
  /** By uid: a pod and its successor of the same name overlap for a moment. */
  readonly #workers = new Map<string, PodWorker>();
  readonly #byName = new Map<string, PodWorker>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(ports: KubeletPorts) {
    this.#ports = ports;
  }

  /** Takes over the pods that are there and follows from then on. */
  start(): void {
    const { pods, configMaps, secrets, claims } = this.#ports.caches;
    pods.onChange((after, before) => this.#onPod(after, before));
    for (const cache of [configMaps, secrets, claims]) {
      cache.onChange((after, before) => this.#onObject((after ?? before)?.metadata?.namespace));
    }
    for (const pod of pods.list()) this.#onPod(pod, undefined);
  }

  /** The worker of a pod that is on this node now. */
  worker(namespace: string, name: string): PodWorker | undefined {
    return this.#byName.get(`${namespace}/${name}`);
  }

  /** Kills every container at once, as a node that loses power; the API objects stay. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#workers.values()].map((worker) => worker.abandon()));
  }

  #onPod(after: Pod | undefined, before: Pod | undefined): void {
    const pod = after ?? before;
    const uid = pod?.metadata?.uid ?? '';
    if (this.#stopped || pod?.spec?.nodeName !== this.#ports.nodeName) return;
    // Why: a deletion and a new pod of that name may arrive as one change of the same key.
    if (after && before && before.metadata?.uid !== uid)
      this.#workers.get(before.metadata?.uid ?? '')?.update(undefined);
    const worker = this.#workers.get(uid);
    if (worker) worker.update(after);
    else if (after) this.#add(after);
  }

  #add(pod: Pod): void {
    const key = keyOf(pod);
    const uid = pod.metadata?.uid ?? '';
    const before = this.#byName.get(key);
    const worker = new PodWorker(this.#ports, pod, before?.ended);
    this.#workers.set(uid, worker);
    this.#byName.set(key, worker);
    void worker.ended.then(() => {
      this.#workers.delete(uid);
      if (this.#byName.get(key) === worker) this.#byName.delete(key);
    });
  }

  #onObject(namespace: string | undefined): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      for (const pod of this.#ports.caches.pods.list(namespace)) {
        const worker = this.#workers.get(pod.metadata?.uid ?? '');
        worker?.refreshVolumes();
        worker?.wake();
      }
    }, this.#ports.pace.volumeRefreshMs);
    this.#timers.add(timer);
  }
}
