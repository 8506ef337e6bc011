/** @module One Pebble: its layers, services, checks, changes and notices, wired together. */
import { randomUUID } from 'node:crypto';
import { type Change, Changes } from './changes.ts';
import { Watcher } from './checks/watcher.ts';
import { now, rfc3339Millis } from './clock.ts';
import { Executions } from './executions.ts';
import { Notices } from './notices.ts';
import { Layers } from './plan/layers.ts';
import { quote } from './plan/read.ts';
import type { Operation } from './services/supervisor.ts';
import { Supervisor } from './services/supervisor.ts';

/** The version that this stand-in is held to; the suffix says that it is one. */
export const version = 'v1.26.0-stand-in';

/** How a Pebble is started. */
export interface DaemonOptions {
  readonly verbose: boolean;
  /** Called once when a service or check asks for the end of Pebble. */
  readonly onShutdown: (exitCode: 0 | 10 | 11) => void;
}

/** State and behaviour behind the API. */
export class Daemon {
  // Why random: as PID 1 of a container, where the kernel's boot id says nothing, the real one makes one up too; Juju takes a new one for pebble-ready.
  readonly bootId = randomUUID();
  readonly layers = new Layers();
  readonly notices = new Notices();
  readonly changes = new Changes(this.notices);
  readonly executions: Executions;
  readonly services: Supervisor;
  readonly checks: Watcher;
  identities: Record<string, unknown> = {};

  constructor(options: DaemonOptions) {
    const plan = () => this.layers.plan;
    const around = { shutdown: options.onShutdown, verbose: options.verbose, log };
    this.services = new Supervisor(plan, around);
    this.checks = new Watcher(plan, this.changes, (check) => this.services.checkFailed(check));
    this.executions = new Executions(plan, this.changes);
  }

  /** Reads the layers on disk and begins with their checks; throws LayerError. */
  load(layersDir: string): void {
    this.layers.load(layersDir);
    this.checks.planChanged();
  }

  /** Adds a layer; throws LayerError. */
  addLayer(label: string, text: string, combine: boolean): void {
    this.layers.add(label, text, combine);
    this.checks.planChanged();
  }

  /** Makes the change of an operation on services; `names` are those that were asked for. */
  operate(action: string, names: readonly string[], operation: Operation): Change {
    const summary = summaryOf(action, names, operation);
    return this.changes.start({ kind: action, summary, steps: operation.steps, services: names });
  }

  /** Starts the enabled services, as `pebble run` without --hold does. */
  autostart(): void {
    const names = this.services.defaults();
    if (names.length > 0) this.operate('autostart', names, this.services.start(names));
  }

  /** Stops everything that runs; settles when it has ended or could not be ended in time. */
  async stop(): Promise<void> {
    this.checks.stopAll();
    this.executions.stopAll();
    const operation = this.services.stopAll();
    if (operation === undefined) return;
    const change = this.changes.start({ kind: 'stop', summary: 'Stop all running services', steps: operation.steps });
    const timeout = new Promise((resolve) => setTimeout(resolve, this.services.stopTimeoutMs()).unref());
    await Promise.race([change.ended, timeout]);
  }
}

/** A line on standard output as the real one writes it. */
export function log(message: string): void {
  process.stdout.write(`${rfc3339Millis(now())} [pebble] ${message}\n`);
}

function summaryOf(action: string, names: readonly string[], operation: Operation): string {
  const title = action[0]!.toUpperCase() + action.slice(1);
  if (operation.steps.length === 0) return `${title} - no services`;
  // Replan counts every service once, the others those of their last lanes.
  const lanes = operation.startLanes.length > 0 ? operation.startLanes : operation.stopLanes;
  const all =
    action === 'replan' ? [...new Set([...operation.stopLanes, ...operation.startLanes].flat())].sort() : lanes.flat();
  const first = quote((action === 'replan' ? all[0] : names[0]) ?? '');
  return all.length === 1 ? `${title} service ${first}` : `${title} service ${first} and ${all.length - 1} more`;
}
