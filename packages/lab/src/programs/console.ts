/** @module What a running lab does when the console asks it to. */

import type { Serve } from '../console/server.ts';
import type { Request } from '../console/wire.ts';
import { CLIENT } from '../demo/applications.ts';
import type { Lab } from '../lab.ts';

type Fault = (lab: Lab, target: string | undefined) => Promise<void> | void;

/** What can be broken, and mended again. */
export const faults: Readonly<Record<string, Fault>> = {
  'delete-pod': async (lab, target) => {
    if (!target) throw new Error('Which pod? For example: lab fault delete-pod gluetun-0');
    await lab.cluster.deletePod(lab.model, target);
  },
  'vpn-server-down': (lab) => lab.internet.vpnServer.stop(),
  'vpn-server-up': (lab) => lab.internet.vpnServer.start(),
  'policies-off': (lab) => enforce(lab, false),
  'policies-on': (lab) => enforce(lab, true),
};

function enforce(lab: Lab, on: boolean): void {
  lab.engine.options.enforce = on;
  lab.engine.load();
}

/** Answers the console's requests on this lab. */
export function serveRequests(lab: Lab): Serve {
  return async (request, say) => {
    if (request.kind === 'exec') return exec(lab, request, say);
    if (request.kind === 'status') say('stdout', `${lab.controller.statusText()}\n`);
    if (request.kind === 'leaks') say('stdout', `${JSON.stringify(await lab.oracle.read(), null, 2)}\n`);
    if (request.kind === 'fault') await breakIt(lab, request.name, request.target);
    if (request.kind === 'down') setImmediate(() => process.exit(0));
    return 0;
  };
}

async function breakIt(lab: Lab, name: string, target: string | undefined): Promise<void> {
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (!fault) throw new Error(`There is no fault "${name}". There are: ${Object.keys(faults).join(', ')}.`);
  await fault(lab, target);
}

type Say = Parameters<Serve>[1];

function exec(lab: Lab, request: Extract<Request, { kind: 'exec' }>, say: Say): Promise<number> {
  const pod = request.unit.replace('/', '-');
  const container = request.container ?? (pod.startsWith(CLIENT) ? 'vpn-route-sidecar' : 'gateway-sidecar');
  const child = lab.cluster.exec({ namespace: lab.model, pod, container }, request.argv);
  child.stdin?.end();
  for (const kind of ['stdout', 'stderr'] as const) {
    child[kind]?.setEncoding('utf8');
    child[kind]?.on('data', (text: string) => say(kind, text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 137));
  });
}
