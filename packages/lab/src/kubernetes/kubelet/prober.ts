/** @module The probes of a running container: startup first, then readiness and liveness, each at its own pace. */

import type { Probe } from 'kubernetes-types/core/v1.js';
import { type ProbeTarget, probeOnce } from './probe.ts';

/** What probing finds out; each is called on a change only. */
export interface ProbeListener {
  started(): void;
  ready(ready: boolean): void;
  /** The container is to be killed. */
  unhealthy(kind: 'Startup' | 'Liveness', message: string): void;
  /** One probe failed, whether it changed anything or not. */
  failed(kind: string, message: string): void;
}

/** Probes a container until `stop`. */
export class Prober {
  readonly #target: ProbeTarget;
  readonly #listener: ProbeListener;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(target: ProbeTarget, listener: ProbeListener) {
    this.#target = target;
    this.#listener = listener;
  }

  /** Begins; without a startup probe the container counts as started at once. */
  begin(): void {
    const { startupProbe } = this.#target.container;
    if (!startupProbe) {
      this.#begun();
      return;
    }
    this.#repeat('Startup', startupProbe, (ok, message) => {
      if (ok) this.#begun();
      else this.#listener.unhealthy('Startup', message);
      return false;
    });
  }

  /** No further probe is made, and the answer of a running one is ignored. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #begun(): void {
    const { readinessProbe, livenessProbe } = this.#target.container;
    this.#listener.started();
    if (!readinessProbe) this.#listener.ready(true);
    else {
      this.#repeat('Readiness', readinessProbe, (ok) => {
        this.#listener.ready(ok);
        return true;
      });
    }
    if (!livenessProbe) return;
    this.#repeat('Liveness', livenessProbe, (ok, message) => {
      if (!ok) this.#listener.unhealthy('Liveness', message);
      return ok;
    });
  }

  /** Calls `crossed` each time a threshold is crossed, for as long as it answers true. */
  #repeat(kind: string, probe: Probe, crossed: (ok: boolean, message: string) => boolean): void {
    let state: boolean | undefined;
    let run = 0;
    let last: boolean | undefined;
    const once = async () => {
      const message = await probeOnce(probe, this.#target);
      if (this.#stopped) return;
      const ok = message === undefined;
      if (!ok) this.#listener.failed(kind, message);
      run = ok === last ? run + 1 : 1;
      last = ok;
      const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
      if (run >= threshold && state !== ok) {
        state = ok;
        if (!crossed(ok, message ?? '')) return;
      }
      this.#after((probe.periodSeconds ?? 10) * 1000, once);
    };
    this.#after((probe.initialDelaySeconds ?? 0) * 1000, once);
  }

  #after(delayMs: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void work();
    }, delayMs);
    this.#timers.add(timer);
  }
}
