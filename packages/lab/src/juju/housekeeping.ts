/** @module What the controller does by the clock and after changes: leadership, update-status, dead relations, work for the cluster. */

import { renewLeadership } from './leadership.ts';
import { clearDeadRelations } from './model/relations.ts';
import { type Application, type Model, unitsOf } from './model/state.ts';
import { wantedReplicas } from './objects/stateful-set.ts';

/** Applications whose objects have to follow. */
export interface Followers {
  readonly ports: readonly Application[];
  readonly scaled: readonly Application[];
  readonly finished: readonly Application[];
}

/** Times. */
export interface HousekeepingOptions {
  readonly updateStatusSeconds: number;
  readonly leaseMs: number;
}

const TICK_MS = 1000;

/** The clock of one model. */
export class Housekeeping {
  readonly #model: Model;
  readonly #options: HousekeepingOptions;
  readonly #awaySince = new Map<string, number>();
  readonly #ports = new Map<string, string>();
  readonly #replicas = new Map<string, number>();
  #timers: NodeJS.Timeout[] = [];

  constructor(model: Model, options: HousekeepingOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** Starts the clock. */
  start(): void {
    const tick = setInterval(() => this.#tick(), TICK_MS);
    const update = setInterval(() => this.#updateStatus(), this.#options.updateStatusSeconds * 1000);
    this.#timers = [tick.unref(), update.unref()];
  }

  /** Stops it. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Says for which applications something has to be done in the cluster; each is said once. Finished ones leave the model. */
  look(): Followers {
    this.#lead();
    const applications = [...this.#model.applications.values()];
    const finished = applications.filter((a) => a.life === 'dying' && unitsOf(this.#model, a.name).length === 0);
    for (const { name } of finished) this.#forget(name);
    const living = applications.filter((a) => !finished.includes(a));
    return {
      finished,
      ports: living.filter((a) => this.#portsChanged(a)),
      scaled: living.filter((a) => this.#replicasChanged(a)),
    };
  }

  #forget(name: string): void {
    this.#model.applications.delete(name);
    this.#ports.delete(name);
    this.#replicas.delete(name);
    for (const [id, relation] of this.#model.relations) {
      // A relation whose other end still has to break it stays until then.
      const own = relation.ends.every((e) => e.application === name);
      if (own || (relation.life === 'dead' && relation.ends.some((e) => e.application === name)))
        this.#model.relations.delete(id);
    }
    for (const [id, secret] of this.#model.secrets)
      if (secret.owner.kind === 'application' && secret.owner.name === name) this.#model.secrets.delete(id);
  }

  #portsChanged({ name }: Application): boolean {
    const text = JSON.stringify(unitsOf(this.#model, name).flatMap((u) => u.ports));
    const before = this.#ports.get(name) ?? '[]';
    this.#ports.set(name, text);
    return text !== before;
  }

  /** Why only downwards: growing is written when it is asked for, shrinking after the units have run remove. */
  #replicasChanged(application: Application): boolean {
    const count = wantedReplicas(application, this.#model);
    const before = this.#replicas.get(application.name) ?? count;
    this.#replicas.set(application.name, count);
    return count < before;
  }

  #lead(): void {
    for (const unit of this.#model.units.values()) {
      if (!unit.lost) this.#awaySince.delete(unit.name);
      else if (!this.#awaySince.has(unit.name)) this.#awaySince.set(unit.name, this.#model.now());
    }
    const leaders = () => [...this.#model.applications.values()].map((a) => a.leader).join(' ');
    const before = leaders();
    const told = this.#model.changed;
    this.#model.changed = () => {};
    renewLeadership(this.#model, this.#awaySince, this.#options.leaseMs);
    this.#model.changed = told;
    if (leaders() !== before) queueMicrotask(told);
  }

  #tick(): void {
    clearDeadRelations(this.#model);
    this.#model.changed();
  }

  #updateStatus(): void {
    for (const unit of this.#model.units.values()) if (unit.uniter.started) unit.uniter.updateStatusDue = true;
    this.#model.changed();
  }
}
