/** @module All services of one Pebble: what to start, stop and restart, as steps of changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Plan, ServiceAction } from '@vpn-k8s/pebble';
import type { Step } from '../changes.ts';
import { rfc3339 } from '../clock.ts';
import { isSignal } from '../launch.ts';
import { lanesOf } from '../plan/order.ts';
import { quote } from '../plan/read.ts';
import type { LogLine } from './output.ts';
import { Service, type Surroundings } from './service.ts';

/** Steps of a change and the lanes that they came from. */
export interface Operation {
  readonly steps: readonly Step[];
  readonly stopLanes: readonly (readonly string[])[];
  readonly startLanes: readonly (readonly string[])[];
}

/** The services that were ever started, by name, and the plan that they are started from. */
export class Supervisor {
  readonly #plan: () => Plan;
  readonly #around: Surroundings;
  readonly #services = new Map<string, Service>();

  constructor(plan: () => Plan, around: Surroundings) {
    this.#plan = plan;
    this.#around = around;
  }

  /** The services of the plan as `GET /v1/services` gives them. */
  list(names: readonly string[]): object[] {
    const planned = Object.entries(this.#plan().services).sort();
    return planned
      .filter(([name]) => names.length === 0 || names.includes(name))
      .map(([name, config]) => {
        const service = this.#services.get(name);
        return {
          name,
          startup: config.startup === 'enabled' ? 'enabled' : 'disabled',
          current: service?.status ?? 'inactive',
          ...(service?.since === undefined ? {} : { 'current-since': rfc3339(service.since) }),
        };
      });
  }

  /** The services of `startup: enabled` with those that they require, in order. */
  defaults(): string[] {
    return lanesOf(this.#plan().services, this.#enabled(), 'start').flat();
  }

  /** Starts services; throws LayerError for names that are not in the plan. */
  start(names: readonly string[]): Operation {
    return this.#operation([], lanesOf(this.#plan().services, names, 'start'));
  }

  /** Stops services and those that require them; throws LayerError likewise. */
  stop(names: readonly string[]): Operation {
    return this.#operation(lanesOf(this.#plan().services, names, 'stop'), []);
  }

  /** Stops the named ones, then starts them with those that they require; throws LayerError likewise. */
  restart(names: readonly string[]): Operation {
    const lanes = lanesOf(this.#plan().services, names, 'stop').map((lane) =>
      lane.filter((name) => names.includes(name)),
    );
    return this.#operation(
      lanes.filter((lane) => lane.length > 0),
      lanesOf(this.#plan().services, names, 'start'),
    );
  }

  /** Restarts those whose plan has changed since they started, starts the enabled ones. */
  replan(): Operation {
    const { services } = this.#plan();
    const changed = [...this.#services.values()].filter(
      (service) => !isDeepStrictEqual(services[service.name], service.config),
    );
    for (const service of changed) service.config = services[service.name] ?? service.config;
    const names = changed.map((service) => service.name);
    const start = Object.keys(services).filter((name) => names.includes(name) || services[name]!.startup === 'enabled');
    return this.#operation(lanesOf(services, names, 'stop'), lanesOf(services, start, 'start'));
  }

  /** Stops all that run, in order, for the end of Pebble; undefined when nothing does. */
  stopAll(): Operation | undefined {
    const { services } = this.#plan();
    const lanes = lanesOf(services, Object.keys(services), 'stop').map((lane) =>
      lane.filter((name) => this.#services.get(name)?.isAlive),
    );
    const alive = lanes.filter((lane) => lane.length > 0);
    return alive.length === 0 ? undefined : this.#operation(alive, []);
  }

  /** The longest time that stopping all may take, in milliseconds. */
  stopTimeoutMs(): number {
    const delays = [...this.#services.values()]
      .filter((service) => service.isAlive)
      .map((service) => service.killDelayMs);
    return Math.max(5_000, ...delays) + 5_100;
  }

  /** Signals services; throws Error that names all that do not run. */
  signal(signal: string, names: readonly string[]): void {
    const problems = names.flatMap((name) => this.#signalOne(signal, name) ?? []);
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  /** Tells every service that waits for it that a check has failed. */
  checkFailed(check: string): void {
    for (const service of this.#services.values()) {
      const action: ServiceAction | undefined = service.config['on-check-failure']?.[check];
      if (action) service.checkFailed(action);
    }
  }

  /** Output of the named services, or of all, in the order of time. */
  logs(names: readonly string[]): LogLine[] {
    const wanted = [...this.#services.values()].filter((service) => names.length === 0 || names.includes(service.name));
    return wanted
      .flatMap((service) => [...service.output.lines])
      .sort((left, right) => (left.time < right.time ? -1 : 1));
  }

  /** For metrics: every service that was ever started, by name. */
  started(): Service[] {
    return [...this.#services.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #enabled(): string[] {
    const { services } = this.#plan();
    return Object.keys(services).filter((name) => services[name]!.startup === 'enabled');
  }

  #signalOne(signal: string, name: string): string | undefined {
    try {
      const service = this.#services.get(name);
      if (service === undefined) throw new Error('service is not running');
      if (!isSignal(signal)) throw new Error(`invalid signal name ${quote(signal)}`);
      service.signal(signal);
      return undefined;
    } catch (error) {
      return `cannot send signal to ${quote(name)}: ${(error as Error).message}`;
    }
  }

  #operation(stopLanes: readonly string[][], startLanes: readonly string[][]): Operation {
    const stops = stepsOf(stopLanes, 'stop', 'Stop', [], (name) => this.#stopStep(name));
    const all = stops.map((_, index) => index);
    const starts = stepsOf(startLanes, 'start', 'Start', all, (name) => this.#startStep(name));
    return { steps: [...stops, ...starts], stopLanes, startLanes };
  }

  #startStep(name: string): Step['work'] {
    return async (task, signal) => {
      const config = this.#plan().services[name];
      if (config === undefined) throw new Error(`cannot find service ${quote(name)} in plan`);
      const service = this.#services.get(name) ?? new Service(name, config, this.#around);
      this.#services.set(name, service);
      try {
        const remark = await service.start(config, signal);
        if (remark !== undefined) task.write('INFO', remark);
      } catch (error) {
        if (String(error).includes('start attempt'))
          task.write('INFO', `Most recent service output:\n${service.output.tail(20)}`);
        throw error;
      }
    };
  }

  #stopStep(name: string): Step['work'] {
    return async (task) => {
      const service = this.#services.get(name);
      const remark = service === undefined ? `Service "${name}" has never been started.` : await service.stop();
      if (remark !== undefined) task.write('INFO', remark);
    };
  }
}

function stepsOf(
  lanes: readonly (readonly string[])[],
  kind: string,
  verb: string,
  after: readonly number[],
  work: (name: string) => Step['work'],
): Step[] {
  const steps: Step[] = [];
  for (const lane of lanes) {
    for (const [position, name] of lane.entries()) {
      const previous = position === 0 ? [] : [after.length + steps.length - 1];
      steps.push({ kind, summary: `${verb} service "${name}"`, after: [...after, ...previous], work: work(name) });
    }
  }
  return steps;
}
