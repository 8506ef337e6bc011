/** @module The whole system on one machine: network, Kubernetes, Juju and VPN. */

export { askLab, type Output } from './console/client.ts';
export type { Answer, Request } from './console/wire.ts';
export { writeUnlockedAgent } from './demo/unlocked.ts';
export { insideArgv, insideNode, type Privilege, privilege } from './inside.ts';
export { wholeSystem } from './missing.ts';
