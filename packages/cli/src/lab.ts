/** @module The commands below `vpn-k8s lab`. */

import { askLab, type Request, wholeSystem } from '@vpn-k8s/lab';
import { inLab } from './in-lab.ts';
import { pack } from './pack.ts';

const output = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
};

async function ask(request: Request): Promise<void> {
  process.exitCode = await askLab(request, output);
}

/** Starts a lab in namespaces of its own and stays until it ends. */
export async function labUp(): Promise<void> {
  const given = wholeSystem();
  pack([], {});
  process.exitCode = await inLab(given, 'up', []);
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
