/** @module What this machine does not give the lab although namespaces can be made, each in a sentence that says what to do. */

import { closeSync, openSync, readFileSync } from 'node:fs';
import { ONE_USER_ONLY, type Privilege, privilege } from './inside.ts';
import { isSingleUser } from './kubernetes/runtime/user.ts';

/** What a part of the lab can need besides namespaces: users other than root, and the device of WireGuard's tunnels. */
export type Need = 'users' | 'tunnel';

/** Why a need is not met here, asked from inside the node; undefined when it is met. */
export function missing(need: Need): string | undefined {
  if (need === 'tunnel') return missingTunnel();
  return isSingleUser(readFileSync('/proc/self/uid_map', 'utf8')) ? ONE_USER_ONLY : undefined;
}

/** Why there can be no tunnel; inside and outside of the node the answer is the same. `device` is another path in tests. */
export function missingTunnel(device = '/dev/net/tun'): string | undefined {
  try {
    closeSync(openSync(device, 'r+'));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      return `WireGuard needs ${device}, which this user may not open. Run it as root, or: sudo chmod 666 ${device}`;
    return `WireGuard needs ${device}, which is not there (${code}). Get it with: sudo modprobe tun`;
  }
}

/**
 * The privilege for the whole system, which needs all of this.
 * @throws Error with a sentence for the user when this machine does not give it
 */
export function wholeSystem(given: Privilege = privilege()): Privilege {
  if (given.kind === 'none') throw new Error(given.reason);
  if (given.kind === 'user-namespace' && given.users === 'one') throw new Error(given.why);
  const lacking = missingTunnel();
  if (lacking !== undefined) throw new Error(lacking);
  return given;
}
