/** @module Whether qBittorrent runs, as its own process list says and not as anybody reports. */

import type { Lab } from '../lab.ts';
import { CLIENT } from './applications.ts';

/** True while a qbittorrent-nox process lives in the workload's container. */
export async function workloadRuns(lab: Lab): Promise<boolean> {
  const path = { namespace: lab.model, pod: `${CLIENT}-0`, container: CLIENT };
  if (lab.cluster.pidOf(path) === undefined) return false;
  try {
    const { stdout } = await lab.cluster.execText(path, ['sh', '-c', 'cat /proc/[0-9]*/comm 2>/dev/null']);
    return stdout.split('\n').includes('qbittorrent-nox');
  } catch {
    return false;
  }
}
