/** @module The commands below `vpn-k8s lab`. */

import { askLab, insideNode, privilege, type Request } from '@vpn-k8s/lab';
import { pack } from './demo.ts';

const output = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
};

async function ask(request: Request): Promise<void> {
  process.exitCode = await askLab(request, output);
}

/** Starts a lab in namespaces of its own and stays until it ends. */
export async function labUp(): Promise<void> {
  pack([], {});
  process.exitCode = await inLab('up', []);
}

/** Runs a command in a container of a unit's pod. */
export const labExec = (unit: string, argv: string[], container: string | undefined): Promise<void> =>
  ask({ kind: 'exec', unit, argv, ...(container ? { container } : {}) });

/** Prints the running lab's status. */
export const labStatus = (): Promise<void> => ask({ kind: 'status' });

/** Prints the oracle's counts. */
export const labLeaks = (): Promise<void> => ask({ kind: 'leaks' });

/** Breaks something in the running lab. */
export const labFault = (name: string, target: string | undefined): Promise<void> =>
  ask({ kind: 'fault', name, ...(target ? { target } : {}) });

/** Ends the running lab. */
export const labDown = (): Promise<void> => ask({ kind: 'down' });

/**
 * Runs `packages/lab/src/inside/<entry>.ts` as the lab's node, and gives back its exit code.
 * @throws Error with a sentence when this machine gives no namespaces
 */
export function inLab(entry: 'up' | 'demo', args: string[]): Promise<number> {
  const given = privilege();
  if (given.kind === 'none') throw new Error(given.reason);
  const script = new URL(`../../lab/src/programs/${entry}.ts`, import.meta.url).pathname;
  const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning'];
  const child = insideNode([...node, script, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}
