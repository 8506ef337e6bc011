/** @module The command `vpn-k8s demo`: packs the charms and tells the story in the lab. */

import { wholeSystem, writeUnlockedAgent } from '@vpn-k8s/lab';
import { inLab } from './in-lab.ts';
import { pack } from './pack.ts';

/** What the demo is asked for; `lock: false` switches the lock and the policy engine off. */
export interface DemoOptions {
  readonly json?: true;
  readonly lock: boolean;
  readonly keepLog?: string;
}

/** Where charms without the lock are packed, well apart from those that people deploy. */
const UNLOCKED = 'out/unlocked';

/** Packs the charms where they changed, and runs the story as the lab's node. */
export async function demo(options: DemoOptions): Promise<void> {
  const given = wholeSystem();
  if (options.lock) pack([], options);
  else pack(['--agent', writeUnlockedAgent(`${UNLOCKED}/agent`), '--out', UNLOCKED], options);
  const args = [
    ...(options.json ? ['--json'] : []),
    ...(options.lock ? [] : ['--no-lock', '--charms', UNLOCKED]),
    ...(options.keepLog ? ['--keep-log', options.keepLog] : []),
  ];
  process.exitCode = await inLab(given, 'demo', args);
}
