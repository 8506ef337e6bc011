/** @module Keeps the cluster's objects in step with the model: one task after the other per application, tried until done. */

import { randomBytes } from 'node:crypto';
import type { KubeClient } from '@vpn-k8s/kube';
import type { Application } from './model/state.ts';
import {
  ensureAccess,
  ensureObjects,
  ensurePorts,
  ensureScale,
  removeClaims,
  removeObjects,
} from './objects/ensure.ts';
import type { ModelContext } from './objects/names.ts';

/** What can be wanted of the cluster. */
type Work = 'objects' | 'access' | 'scale' | 'ports';

const TASKS: Readonly<Record<Exclude<Work, 'objects'>, typeof ensurePorts>> = {
  access: ensureAccess,
  scale: ensureScale,
  ports: ensurePorts,
};
const RETRY_MS = 500;

/** Writes objects of all applications of a model. */
export class Provisioner {
  readonly #kube: KubeClient;
  readonly #context: ModelContext;
  readonly #log: (line: string) => void;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #passwords = new Map<string, string>();
  #stopped = false;

  constructor(kube: KubeClient, context: ModelContext, log: (line: string) => void) {
    this.#kube = kube;
    this.#context = context;
    this.#log = log;
  }

  /** The password that pods of an application show. */
  password(application: string): string {
    const known = this.#passwords.get(application);
    const password = known ?? randomBytes(12).toString('hex');
    this.#passwords.set(application, password);
    return password;
  }

  /** Does some work for an application after what is already queued; resolves when it is done. */
  want(application: Application, work: Work): Promise<void> {
    return this.#enqueue(application.name, () => {
      if (work === 'objects')
        return ensureObjects(this.#kube, application, this.#context, this.password(application.name));
      return TASKS[work](this.#kube, application, this.#context);
    });
  }

  /** Takes all objects of an application away, its claims too unless they are to stay. */
  remove(application: Application, destroyStorage: boolean): Promise<void> {
    return this.#enqueue(application.name, async () => {
      await removeObjects(this.#kube, application, this.#context);
      if (destroyStorage) await removeClaims(this.#kube, application, this.#context);
      this.#passwords.delete(application.name);
    });
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  #enqueue(name: string, task: () => Promise<void>): Promise<void> {
    const done = (this.#queues.get(name) ?? Promise.resolve()).then(() => this.#persist(name, task));
    this.#queues.set(name, done);
    return done;
  }

  /** Why for ever: Juju's worker is restarted by its engine until it has succeeded. */
  async #persist(name: string, task: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        return await task();
      } catch (error) {
        this.#log(`provisioner ${name}: ${(error as Error).message}; trying again`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
