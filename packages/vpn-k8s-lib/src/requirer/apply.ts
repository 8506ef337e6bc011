/** @module The first effect of a client: its workload stops; the others are those of every side. */
import type { CharmPorts } from '@vpn-k8s/charm';
import { PebbleUnreachable, type ServiceInfo } from '@vpn-k8s/pebble';

export { apply, type Outcome } from '../apply.ts';

/**
 * Stops every running service of the workload's containers; a container whose Pebble does not answer runs none.
 * @returns the names of the services that ran
 */
export async function stopWorkload(ports: CharmPorts, workload: readonly string[]): Promise<string[]> {
  const stopped = await Promise.all(workload.map((container) => stopServices(ports, container)));
  return stopped.flat();
}

async function stopServices(ports: CharmPorts, container: string): Promise<string[]> {
  const pebble = ports.pebble(container);
  try {
    const services = await pebble.services();
    const running = services.filter(runs).map((service) => service.name);
    if (running.length > 0) await pebble.stop(running);
    return running;
  } catch (error) {
    if (error instanceof PebbleUnreachable) return [];
    throw error;
  }
}

/** A service in backoff is about to be started again. */
function runs({ current }: ServiceInfo): boolean {
  return current === 'active' || current === 'backoff';
}
