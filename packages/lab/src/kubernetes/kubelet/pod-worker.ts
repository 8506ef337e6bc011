/** @module The life of one pod on the node: one loop that compares what is with what should be, and acts. */

import { isDeepStrictEqual } from 'node:util';
import { ApiError, pods as podResource } from '@vpn-k8s/kube';
import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import type { Container } from '../runtime/container.ts';
import { showBackoff } from './backoff.ts';
import type { PodGround } from './container-spec.ts';
import { PodBase } from './pod-base.ts';
import { type PodPlan, podPlan } from './pod-plan.ts';
import { podStatus } from './pod-status.ts';
import type { KubeletPorts } from './ports.ts';
import { Prober } from './prober.ts';
import { type ContainerRecord, newRecords } from './record.ts';
import { recordExit, startContainer } from './start-container.ts';
import { type Running, stopContainer, stopContainers } from './stop-pod.ts';
import { MountFailed } from './volume-files.ts';

interface Alive extends Running {
  readonly prober: Prober;
}

/** Runs a pod from its binding to the node until nothing of it is left. */
export class PodWorker {
  readonly #ports: KubeletPorts;
  readonly #base: PodBase;
  readonly #records: ContainerRecord[];
  readonly #alive = new Map<string, Alive>();
  readonly #startTime = new Date();
  readonly #doom = new AbortController();
  readonly #finished: () => void;
  #pod: Pod;
  #deletedAt: number | undefined;
  #isBegun = false;
  #isGone = false;
  #isRunning = false;
  #isWanted = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #written: PodStatus | undefined;
  /** Resolves when the pod's containers, network and directory are gone. */
  readonly ended: Promise<void>;

  /** @param predecessor settles when name and address of an older pod of this name are free */
  constructor(ports: KubeletPorts, pod: Pod, predecessor: Promise<void> = Promise.resolve()) {
    this.#ports = ports;
    this.#pod = pod;
    this.#base = new PodBase(ports, pod);
    this.#records = newRecords(pod);
    let finished = () => {};
    this.ended = new Promise((resolve) => {
      finished = resolve;
    });
    this.#finished = finished;
    void predecessor.then(() => {
      this.#isBegun = true;
      this.update(this.#isGone ? undefined : this.#pod);
    });
  }

  /** Takes over a newer version of the pod; undefined when the object is gone from the API. */
  update(pod: Pod | undefined): void {
    if (pod) this.#pod = pod;
    else this.#isGone = true;
    if (this.#isDoomed()) {
      this.#deletedAt ??= Date.now();
      this.#doom.abort();
    }
    this.wake();
  }

  /** Asks for another round; there is none before the predecessor is gone. */
  wake(): void {
    if (!this.#isBegun) return;
    this.#isWanted = true;
    if (!this.#isRunning && !this.#isOver) void this.#loop();
  }

  /** Writes volumes anew whose objects have changed. */
  refreshVolumes(): void {
    if (!this.#isOver) this.#base.refreshVolumes();
  }

  /** The running container of that name. */
  container(name: string): Container | undefined {
    return this.#alive.get(name)?.container;
  }

  /** Path of a volume on the node. */
  volumeDirectory(volume: string): string | undefined {
    return this.#base.volumePaths.get(volume);
  }

  /** Kills the containers without a word to the API, as when the node's power goes. */
  async abandon(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await Promise.all(
      [...this.#alive.values()].map(({ container, prober }) => {
        prober.stop();
        container.signal('SIGKILL');
        return container.exited;
      }),
    );
    this.#base.remove();
    this.#finished();
  }

  async #loop(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted && !this.#isOver) {
      this.#isWanted = false;
      clearTimeout(this.#timer);
      try {
        await this.#round();
      } catch (error) {
        this.#ports.log(`pod ${this.#name()}: ${(error as Error).stack}`);
        this.#wakeAt(Date.now() + 500);
      }
    }
    this.#isRunning = false;
  }

  async #round(): Promise<void> {
    if (this.#isDoomed()) {
      await this.#end();
      return;
    }
    const ground = await this.#ground();
    const plan = podPlan(this.#pod, this.#records, Date.now());
    for (const record of plan.backingOff) showBackoff(record, this.#name());
    if (ground) {
      for (const record of plan.start) {
        if (this.#isDoomed()) break;
        await this.#start(ground, record);
      }
    }
    const after = podPlan(this.#pod, this.#records, Date.now());
    await this.#writeStatus(after);
    if (after.wakeAt !== undefined) this.#wakeAt(after.wakeAt);
  }

  /** Network and volumes; undefined while they cannot be had or the pod is over. */
  async #ground(): Promise<PodGround | undefined> {
    try {
      return this.#base.refusal ? undefined : this.#base.ready(this.#pod);
    } catch (error) {
      const reason = error instanceof MountFailed ? 'FailedMount' : 'FailedCreatePodSandBox';
      await this.#ports.events.warn('Pod', this.#pod, reason, (error as Error).message);
      this.#wakeAt(Date.now() + 500);
      return undefined;
    }
  }

  async #start(ground: PodGround, record: ContainerRecord): Promise<void> {
    const container = await startContainer(this.#ports, ground, record, this.#doom.signal);
    if (this.#isOver) container?.signal('SIGKILL');
    if (!container) {
      this.#isWanted = record.notBefore <= Date.now();
      return;
    }
    const prober = this.#prober(record, container);
    this.#alive.set(record.container.name, { record, container, prober });
    void container.exited.then((exit) => {
      prober.stop();
      this.#alive.delete(record.container.name);
      recordExit(this.#ports, this.#base, record, container, exit);
      this.#ports.log(`pod ${this.#name()}: ${record.container.name} ended with ${exit.signal || exit.code}`);
      this.wake();
    });
    prober.begin();
  }

  #prober(record: ContainerRecord, container: Container): Prober {
    const target = {
      address: this.#base.address,
      container: record.container,
      exec: (argv: readonly string[]) => container.exec(argv),
    };
    return new Prober(target, {
      started: () => {
        record.started = true;
        this.wake();
      },
      ready: (ready) => {
        record.ready = ready;
        this.wake();
      },
      unhealthy: (kind, message) => void this.#kill(record, container, kind, message),
      failed: (kind, message) => {
        void this.#ports.events.warn('Pod', this.#pod, 'Unhealthy', `${kind} probe failed: ${message}`);
      },
    });
  }

  async #kill(
    { container: { name } }: ContainerRecord,
    container: Container,
    kind: string,
    message: string,
  ): Promise<void> {
    const what = `Container ${name} failed ${kind.toLowerCase()} probe, will be restarted`;
    this.#ports.log(`pod ${this.#name()}: ${what}: ${message}`);
    const deadline = Date.now() + (this.#pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
    await Promise.all([
      this.#ports.events.tell('Pod', this.#pod, 'Killing', what),
      stopContainer(container, () => deadline),
    ]);
  }

  async #end(): Promise<void> {
    const running = [...this.#alive.values()];
    for (const { prober } of running) prober.stop();
    await stopContainers(running, () => this.#deadline());
    await Promise.all(running.map(({ container }) => container.exited));
    if (!this.#isGone) await this.#writeStatus(podPlan(this.#pod, this.#records, Date.now()));
    this.#base.remove();
    await this.#removeObject();
    this.#isOver = true;
    this.#finished();
  }

  /** A pod that is gone from the API has no grace left but one second, as after a forced deletion. */
  #deadline(): number {
    const grace = this.#isGone ? 1 : (this.#pod.metadata?.deletionGracePeriodSeconds ?? 30);
    return (this.#deletedAt ?? Date.now()) + grace * 1000;
  }

  async #removeObject(): Promise<void> {
    const { name = '', namespace = '', uid = '' } = this.#pod.metadata ?? {};
    if (this.#isGone) return;
    try {
      await this.#ports.client.delete(podResource, name, { namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 409) throw error;
    }
  }

  async #writeStatus({ phase, initialized }: PodPlan): Promise<void> {
    const { refusal } = this.#base;
    const facts = {
      phase: refusal ? 'Failed' : phase,
      initialized,
      podIp: this.#base.address || undefined,
      hostIp: this.#ports.nodeAddress,
      startTime: this.#startTime,
      now: new Date(),
      ...(refusal && { refusal }),
    };
    const status = podStatus(this.#pod, this.#records, facts);
    if (this.#isGone || isDeepStrictEqual(status, this.#written)) return;
    const { name = '', namespace, uid } = this.#pod.metadata ?? {};
    try {
      const body = { metadata: { uid }, status: structuredClone(status) } as never;
      const options = { namespace, subresource: 'status', type: 'merge' } as const;
      this.#ports.caches.pods.learn(await this.#ports.client.patch(podResource, name, body, options));
      this.#written = structuredClone(status);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 409)) throw error;
    }
  }

  #isDoomed(): boolean {
    return this.#isGone || this.#pod.metadata?.deletionTimestamp !== undefined;
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), Math.max(1, time - Date.now()));
  }

  #name(): string {
    return `${this.#pod.metadata?.name}_${this.#pod.metadata?.namespace}(${this.#pod.metadata?.uid})`;
  }
}
