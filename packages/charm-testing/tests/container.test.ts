/** @module Containers of a State: Pebble on its socket, real processes, files of their own. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildCharm, type CharmUnderTest, hook, newContainer, newState, pebbleReady, run } from '../src/index.ts';

const programs = { web: '#!/bin/sh\ncat "$1" > /srv-copy\nexec sleep 60\n' };

let toy: CharmUnderTest;
beforeAll(async () => {
  toy = await buildCharm({ dir: fileURLToPath(new URL('toy-charm', import.meta.url)) });
});

test('a service is started from a file that the charm pushed, and the machine is not touched', async () => {
  const state = newState('toy/0', { config: { do: 'serve' }, containers: [newContainer('web', { programs })] });
  const after = await run(toy, pebbleReady('web'), state);
  expect(after.results).toMatchObject({ exit: 0, unitStatuses: [{ status: 'active', message: 'serving' }] });
  expect(after.containers[0]).toMatchObject({
    running: ['web'],
    files: { '/config/web.conf': 'port = 80\n', '/srv-copy': 'port = 80\n' },
    plan: { services: { web: { command: 'web /config/web.conf' } } },
  });
  expect(existsSync('/srv-copy') || existsSync('/config/web.conf')).toBe(false);
});

test('what a hook left is where the next one begins', async () => {
  const state = newState('toy/0', { config: { do: 'serve' }, containers: [newContainer('web', { programs })] });
  const first = await run(toy, pebbleReady('web'), state);
  const second = await run(toy, hook('update-status'), { ...first, config: { do: 'nothing' } });
  expect(second.containers).toEqual(first.containers);
});

test('a container that cannot be reached has no socket: waiting, not an error', async () => {
  const containers = [newContainer('web', { canConnect: false })];
  const after = await run(toy, hook('config-changed'), newState('toy/0', { config: { do: 'serve' }, containers }));
  expect(after.results).toMatchObject({ exit: 0, flushed: true });
  expect(after.unitStatus).toEqual({ status: 'waiting', message: 'waiting for the container web' });
  expect(after.containers).toEqual(containers);
});
