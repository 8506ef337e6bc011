/** @module One suite for two servers: every behaviour as a test against the stand-in or the real Pebble. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, type onTestFinished, test } from 'vitest';
import { type PebbleProgram, startPebble } from '../start.ts';
import type { Behaviour } from './behaviour.ts';
import { checkBehaviours } from './checks.ts';
import { fileBehaviours } from './files.ts';
import { programBehaviours } from './program.ts';
import { requestBehaviours } from './requests.ts';
import { serviceBehaviours } from './services.ts';

const groups: Readonly<Record<string, readonly Behaviour[]>> = {
  requests: requestBehaviours,
  services: serviceBehaviours,
  checks: checkBehaviours,
  'files and commands': fileBehaviours,
  program: programBehaviours,
};

const isRoot = process.getuid?.() === 0;

/** Declares the tests of all behaviours; each has a Pebble and a folder of its own, several run side by side because most of the time is waiting. */
export function describeBehaviours(program: PebbleProgram): void {
  for (const [group, behaviours] of Object.entries(groups)) {
    describe.concurrent(group, () => {
      for (const behaviour of behaviours) {
        const left = behaviour.needsRoot && !isRoot ? ' (left out: needs root)' : '';
        test.skipIf(left !== '')(`${behaviour.name}${left}`, ({ onTestFinished: finished }) =>
          check(program, behaviour, finished),
        );
      }
    });
  }
}

async function check(program: PebbleProgram, behaviour: Behaviour, finished: typeof onTestFinished): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'pebble-'));
  finished(() => rmSync(root, { recursive: true, force: true }));
  const [pebbleDir, dir] = [join(root, 'pebble'), join(root, 'work')];
  mkdirSync(dir);
  for (const [path, text] of Object.entries(behaviour.files ?? {})) {
    mkdirSync(dirname(join(pebbleDir, path)), { recursive: true });
    writeFileSync(join(pebbleDir, path), text);
  }
  const port = behaviour.http ? await freePort() : 0;
  const args = behaviour.http ? ['--hold', '--http', `127.0.0.1:${port}`] : (behaviour.args ?? ['--hold']);
  const pebble = await startPebble({ dir: pebbleDir, program, args });
  finished(async () => void (await pebble.stop()));
  await behaviour.run(pebble, dir, port);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
