/** @module Packs the charms before a lab deploys them. */

import { spawnSync } from 'node:child_process';

/** Packs the charms for this machine where they changed. @throws Error when that fails; what packing said stands above it */
export function pack(args: readonly string[], { json }: { readonly json?: true }): void {
  const argv = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'tools/pack.ts', ...args];
  const done = spawnSync(process.execPath, argv, { stdio: ['ignore', json ? 'ignore' : 'inherit', 'inherit'] });
  if (done.status !== 0) throw new Error('The charms could not be packed; the reason is above.');
}
