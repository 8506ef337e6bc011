/** @module Event objects (core/v1), as controllers and kubelet write them; repeated ones count up. */

import { events as eventResource, type KubeClient, type KubeObject } from '@vpn-k8s/kube';
import type { Event } from 'kubernetes-types/core/v1.js';
import { keyOf } from './cache.ts';
import { shortHash } from './controllers/revision.ts';

/** Writes Events and echoes each new warning into the lab's log; a refused Event never stops the work that it tells of. */
export class Events {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #log: (line: string) => void;
  readonly #counts = new Map<string, number>();

  constructor(client: KubeClient, component: string, log: (line: string) => void) {
    this.#client = client;
    this.#component = component;
    this.#log = log;
  }

  /** An Event of type Normal. */
  tell(kind: string, object: KubeObject, reason: string, message: string): Promise<void> {
    return this.#write('Normal', kind, object, reason, message);
  }

  /** An Event of type Warning. */
  warn(kind: string, object: KubeObject, reason: string, message: string): Promise<void> {
    return this.#write('Warning', kind, object, reason, message);
  }

  async #write(type: string, kind: string, object: KubeObject, reason: string, message: string): Promise<void> {
    const event = this.#event(type, kind, object, reason, message);
    const { name = '', namespace } = event.metadata;
    const isNew = event.count === 1;
    if (isNew && type === 'Warning') this.#log(`${kind.toLowerCase()} ${keyOf(object)}: ${reason}: ${message}`);
    try {
      if (isNew) await this.#client.create(eventResource, event);
      else {
        const body = { count: event.count, lastTimestamp: event.lastTimestamp };
        await this.#client.patch(eventResource, name, body as never, { namespace, type: 'merge' });
      }
    } catch (error) {
      this.#log(`event ${reason} of ${object.metadata?.name} was refused: ${(error as Error).message}`);
    }
  }

  #event(type: string, kind: string, object: KubeObject, reason: string, message: string): Event {
    const { name = '', namespace = 'default', uid = '' } = object.metadata ?? {};
    const id = shortHash([uid, reason, message], 16);
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${id}`, namespace },
      involvedObject: { kind, namespace, name, uid, apiVersion: object.apiVersion ?? 'v1' },
      type: type as 'Normal' | 'Warning',
      reason,
      message,
      source: { component: this.#component },
      firstTimestamp: now,
      lastTimestamp: now,
      count,
    };
  }
}
