/** @module In which order services start and stop, and which of them may do so side by side. */
import type { Service } from '@vpn-k8s/pebble';
import { LayerError, quote } from './read.ts';

type Services = Readonly<Record<string, Service>>;

/**
 * The services to start with those that they require, or to stop with those that require them, put into lanes: lanes run side by side, within a lane one waits for the other.
 *
 * Throws LayerError when a service is not in the plan or before and after contradict each other.
 */
export function lanesOf(services: Services, names: readonly string[], direction: 'start' | 'stop'): string[][] {
  return splitLanes(services, orderServices(services, names, direction));
}

/** The same as one list; throws LayerError likewise. */
export function orderServices(services: Services, names: readonly string[], direction: 'start' | 'stop'): string[] {
  const involved = collect(services, names, direction);
  const earlier = new Map([...involved].map((name) => [name, new Set<string>()]));
  for (const name of involved) {
    const service = services[name]!;
    const [after, before] = direction === 'start' ? [service.after, service.before] : [service.before, service.after];
    for (const other of after ?? []) if (involved.has(other)) earlier.get(name)!.add(other);
    for (const other of before ?? []) earlier.get(other)?.add(name);
  }
  return sortByDependency(earlier);
}

function collect(services: Services, names: readonly string[], direction: 'start' | 'stop'): Set<string> {
  const involved = new Set<string>();
  const pending = [...names];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (involved.has(name)) continue;
    if (!Object.hasOwn(services, name)) throw new LayerError(`service ${quote(name)} does not exist`);
    involved.add(name);
    pending.push(...(direction === 'start' ? (services[name]!.requires ?? []) : requiredBy(services, name)));
  }
  return involved;
}

function requiredBy(services: Services, name: string): string[] {
  return Object.keys(services).filter((other) => services[other]!.requires?.includes(name));
}

function sortByDependency(earlier: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const sorted = new Set<string>();
  const path: string[] = [];
  const visit = (name: string) => {
    if (sorted.has(name)) return;
    if (path.includes(name)) {
      const loop = path.slice(path.indexOf(name)).sort();
      throw new LayerError(`services in before/after loop: ${loop.join(', ')}`);
    }
    path.push(name);
    for (const other of earlier.get(name)!) visit(other);
    path.pop();
    sorted.add(name);
  };
  for (const name of [...earlier.keys()].sort()) visit(name);
  return [...sorted];
}

function splitLanes(services: Services, names: readonly string[]): string[][] {
  const laneOf = new Map<string, number>();
  const lanes: string[][] = [];
  for (const name of names) {
    const requires = services[name]!.requires ?? [];
    const known = [name, ...requires].map((other) => laneOf.get(other)).find((lane) => lane !== undefined);
    const lane = known ?? lanes.length;
    for (const other of [name, ...requires]) laneOf.set(other, lane);
    lanes[lane] = [...(lanes[lane] ?? []), name];
  }
  return lanes;
}
