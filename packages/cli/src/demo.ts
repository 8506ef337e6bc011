/** @module The command `vpn-k8s demo`: packs the charms and tells the story in the lab. */

import { spawnSync } from 'node:child_process';
import { inLab } from './lab.ts';

/** What the demo is asked for; `lock: false` switches the lock and the policy engine off. */
export interface DemoOptions {
  readonly json?: true;
  readonly lock: boolean;
  readonly keepLog?: string;
}

/** Packs the charms where they changed, and runs the story as the lab's node. */
export async function demo(options: DemoOptions): Promise<void> {
  const pack = spawnSync(process.execPath, ['--conditions=source', 'tools/pack.ts'], {
    stdio: ['ignore', options.json ? 'ignore' : 'inherit', 'inherit'],
  });
  if (pack.status !== 0) throw new Error('The charms could not be packed; the reason is above.');
  const args = [
    ...(options.json ? ['--json'] : []),
    ...(options.lock ? [] : ['--no-lock']),
    ...(options.keepLog ? ['--keep-log', options.keepLog] : []),
  ];
  process.exitCode = await inLab('demo', args);
}
