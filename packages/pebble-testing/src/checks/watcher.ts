/** @module All checks of one Pebble: each is a perform-check change while it is well and a recover-check change while it is not. */
import { isDeepStrictEqual } from 'node:util';
import type { Check, Plan } from '@vpn-k8s/pebble';
import type { Change, Changes, Task } from '../changes.ts';
import { type ProbeError, probe } from './probe.ts';
import { logFailure, type Refresh, type Tally, timingOf, watch } from './watch.ts';

interface Watched {
  readonly name: string;
  config: Check;
  change: Change | undefined;
  tally: Tally;
  /** For metrics: looks that succeeded and failed since Pebble began. */
  total: Tally;
  readonly refreshes: { waiting: Refresh[]; wake: () => void };
}

/** A request names checks that the plan does not have. */
export class ChecksNotFound extends Error {}

/** What a Pebble does when a check reaches its threshold. */
export type CheckFailed = (name: string) => void;

/** The checks of the plan, by name. */
export class Watcher {
  readonly #plan: () => Plan;
  readonly #changes: Changes;
  readonly #failed: CheckFailed;
  readonly #checks = new Map<string, Watched>();

  constructor(plan: () => Plan, changes: Changes, failed: CheckFailed) {
    this.#plan = plan;
    this.#changes = changes;
    this.#failed = failed;
  }

  /** Brings the running checks in line with the plan: gone ones end, changed ones begin anew, new enabled ones begin. */
  planChanged(): void {
    const { checks } = this.#plan();
    for (const watched of [...this.#checks.values()]) {
      if (isDeepStrictEqual(checks[watched.name], watched.config)) continue;
      watched.change?.abort();
      this.#checks.delete(watched.name);
    }
    for (const [name, config] of Object.entries(checks)) {
      if (this.#checks.has(name)) continue;
      const watched: Watched = {
        name,
        config,
        change: undefined,
        tally: zero(),
        total: zero(),
        refreshes: { waiting: [], wake: () => undefined },
      };
      this.#checks.set(name, watched);
      if (config.startup !== 'disabled') this.#perform(watched, zero());
    }
  }

  /** Starts checks that do not run; answers their names. Throws ChecksNotFound. */
  start(names: readonly string[]): string[] {
    const stopped = this.#named(names).filter((watched) => watched.change === undefined);
    for (const watched of stopped) this.#perform(watched, zero());
    return stopped.map((watched) => watched.name).sort();
  }

  /** Stops checks that run; answers their names. Throws ChecksNotFound. */
  stop(names: readonly string[]): string[] {
    const running = this.#named(names).filter((watched) => watched.change !== undefined);
    for (const watched of running) {
      watched.change?.abort();
      watched.change = undefined;
    }
    return running.map((watched) => watched.name).sort();
  }

  /** Starts again the enabled ones that were stopped. */
  replan(): void {
    for (const watched of this.#checks.values()) {
      if (watched.config.startup !== 'disabled' && watched.change === undefined) this.#perform(watched, zero());
    }
  }

  /** Ends all, for the end of Pebble. */
  stopAll(): void {
    for (const watched of this.#checks.values()) watched.change?.abort();
  }

  /** Looks at once; answers the check and what failed. Undefined when the plan has no such check. */
  async refresh(name: string): Promise<{ info: CheckInfo; error: ProbeError | undefined } | undefined> {
    const watched = this.#checks.get(name);
    if (watched === undefined) return undefined;
    const error = await (watched.change === undefined ? this.#lookOnce(watched) : this.#ask(watched));
    return { info: infoOf(watched), error };
  }

  /** The checks as `GET /v1/checks` gives them. */
  list(): CheckInfo[] {
    return this.all().map(infoOf);
  }

  /** For metrics: every check, by name. */
  all(): Watched[] {
    return [...this.#checks.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #named(names: readonly string[]): Watched[] {
    const missing = names.filter((name) => !this.#checks.has(name)).sort();
    if (missing.length > 0) throw new ChecksNotFound(`cannot find checks in plan: ${missing.join(', ')}`);
    return names.map((name) => this.#checks.get(name)!);
  }

  #lookOnce(watched: Watched): Promise<ProbeError | undefined> {
    const never = new AbortController().signal;
    return probe(this.#plan(), watched.config, timingOf(watched.config).timeoutMs, never).then(
      () => undefined,
      (error) => error,
    );
  }

  #ask(watched: Watched): Promise<ProbeError | undefined> {
    const { promise, resolve } = Promise.withResolvers<ProbeError | undefined>();
    watched.refreshes.waiting.push(resolve);
    watched.refreshes.wake();
    return promise;
  }

  #perform(watched: Watched, tally: Tally): void {
    watched.tally = tally;
    watched.change = this.#begin(watched, 'perform-check', 'Perform', async (task, signal) => {
      let atThreshold: ProbeError | undefined;
      await watch(this.#plan, watched.config, watched.refreshes, signal, (error) => {
        count(watched, error);
        if (error === undefined) this.#performed(watched, task);
        else if (watched.tally.failures >= timingOf(watched.config).threshold) atThreshold = error;
        else logFailure(task, error);
        return atThreshold !== undefined;
      });
      if (atThreshold === undefined) return;
      this.#failed(watched.name);
      // Why queued: the next change must come after this one has told of its end.
      setImmediate(() => this.#recoverUnlessStopped(watched, task));
      throw new Error(atThreshold.whole);
    });
  }

  #performed(watched: Watched, task: Task): void {
    const { failures } = watched.tally;
    if (failures > 0) task.write('INFO', `succeeded after ${failures} ${failures === 1 ? 'failure' : 'failures'}`);
    watched.tally.failures = 0;
  }

  #recoverUnlessStopped(watched: Watched, task: Task): void {
    if (watched.change === undefined || !watched.change.tasks.includes(task)) return;
    watched.change = this.#begin(watched, 'recover-check', 'Recover', async (own, signal) => {
      let recovered = false;
      await watch(this.#plan, watched.config, watched.refreshes, signal, (error) => {
        count(watched, error);
        if (error === undefined) recovered = true;
        else logFailure(own, error);
        return recovered;
      });
      if (!recovered) return;
      watched.tally = { successes: 1, failures: 0 };
      setImmediate(() => {
        if (watched.change?.tasks.includes(own)) this.#perform(watched, watched.tally);
      });
    });
  }

  #begin(watched: Watched, kind: string, verb: string, work: Task['step']['work']): Change {
    const summary = `${verb} ${typeOf(watched.config)} check "${watched.name}"`;
    const noticeData = { 'check-name': watched.name };
    return this.#changes.start({ kind, summary, noticeData, steps: [{ kind, summary, work, after: [] }] });
  }
}

/** One check as Pebble shows it. */
export type CheckInfo = Readonly<Record<string, string | number>>;

function infoOf(watched: Watched): CheckInfo {
  const { config, tally, change } = watched;
  const { threshold } = timingOf(config);
  const status = change === undefined ? 'inactive' : tally.failures >= threshold ? 'down' : 'up';
  return {
    name: watched.name,
    ...(config.level ? { level: config.level } : {}),
    startup: config.startup || 'enabled',
    status,
    successes: tally.successes,
    ...(tally.failures === 0 ? {} : { failures: tally.failures }),
    threshold,
    ...(change === undefined ? {} : { 'change-id': change.id }),
  };
}

function count(watched: Watched, error: ProbeError | undefined): void {
  const field = error === undefined ? 'successes' : 'failures';
  watched.tally[field]++;
  watched.total[field]++;
}

function typeOf(check: Check): string {
  if (check.http !== undefined) return 'HTTP';
  return check.tcp === undefined ? 'exec' : 'TCP';
}

function zero(): Tally {
  return { successes: 0, failures: 0 };
}
