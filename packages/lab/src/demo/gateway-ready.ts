/** @module When a new gateway was ready: the moment in which its own pod reached the internet through the tunnel. */

import type { Lab } from '../lab.ts';
import { addresses } from '../network/addresses.ts';
import { GATEWAY } from './applications.ts';

/** Bound to tun0, so that the question itself can never leave in the clear. */
const ASK = `until curl -s -o /dev/null --interface tun0 -m 0.3 http://${addresses.echo}/; do sleep 0.02; done; date +%s%3N`;

/** Milliseconds since 1970, or undefined while the pod with a new address is not there yet. */
export async function gatewayReadyAt(lab: Lab, oldAddress: string | undefined): Promise<number | undefined> {
  const address = lab.podAddress(`${GATEWAY}-0`);
  const path = { namespace: lab.model, pod: `${GATEWAY}-0`, container: GATEWAY };
  if (!address || address === oldAddress || lab.cluster.pidOf(path) === undefined) return undefined;
  const { code, stdout } = await lab.cluster.execText(path, ['sh', '-c', ASK]);
  return code === 0 ? Number(stdout.trim()) : undefined;
}
