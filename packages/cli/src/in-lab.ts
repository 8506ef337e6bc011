/** @module Starts a program of the lab as its node. */

import { insideNode, type Privilege } from '@vpn-k8s/lab';

/** Runs `packages/lab/src/programs/<entry>.ts` as the lab's node, and gives back its exit code. */
export function inLab(given: Privilege, entry: 'up' | 'demo', args: string[]): Promise<number> {
  const script = new URL(`../../lab/src/programs/${entry}.ts`, import.meta.url).pathname;
  const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning'];
  const child = insideNode([...node, script, ...args], { stdio: 'inherit' }, given);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}
