/** @module Carries the changes out, in order; an error stops the rest and the next hook goes on from what is there. */

import { randomBytes } from 'node:crypto';
import type { CharmPorts } from '@vpn-k8s/charm';
import type { Pebble } from '@vpn-k8s/pebble';
import { roleFile } from './control.ts';
import type { Change } from './diff.ts';
import { CONTAINER, files } from './names.ts';

/** Applies each change and logs its line. @throws PebbleError, ChangeFailed */
export async function apply(changes: readonly Change[], ports: CharmPorts): Promise<void> {
  const pebble = ports.pebble(CONTAINER);
  for (const change of changes) {
    ports.log.info(change.line);
    await applyOne(change, pebble);
  }
}

async function applyOne(change: Change, pebble: Pebble): Promise<unknown> {
  const own = { permissions: '600', makeDirs: true };
  switch (change.kind) {
    case 'file':
      return pebble.pushFile(change.path, change.content, own);
    case 'control-key':
      return pebble.pushFile(files.roles, roleFile(randomBytes(32).toString('base64url')), own);
    case 'layer':
      return pebble.addLayer('gluetun-k8s', change.layer, { combine: true });
    case 'start':
      return pebble.start([CONTAINER]);
    case 'restart':
      return pebble.restart([CONTAINER]);
    case 'stop':
      return pebble.stop([CONTAINER]);
  }
}
