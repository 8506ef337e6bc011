/** @module The command `vpn-k8s demo`: packs the charms and tells the story in the lab. */

import { spawnSync } from 'node:child_process';
import { writeUnlockedAgent } from '@vpn-k8s/lab';
import { inLab } from './lab.ts';

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
  if (options.lock) pack([], options);
  else pack(['--agent', writeUnlockedAgent(`${UNLOCKED}/agent`), '--out', UNLOCKED], options);
  const args = [
    ...(options.json ? ['--json'] : []),
    ...(options.lock ? [] : ['--no-lock', '--charms', UNLOCKED]),
    ...(options.keepLog ? ['--keep-log', options.keepLog] : []),
  ];
  process.exitCode = await inLab('demo', args);
}

/** Packs the charms for this machine where they changed. @throws Error when that fails; what packing said stands above it */
export function pack(args: readonly string[], { json }: { readonly json?: true }): void {
  const argv = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'tools/pack.ts', ...args];
  const done = spawnSync(process.execPath, argv, { stdio: ['ignore', json ? 'ignore' : 'inherit', 'inherit'] });
  if (done.status !== 0) throw new Error('The charms could not be packed; the reason is above.');
}
