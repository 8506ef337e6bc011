/** @module Behaviours of services: start, stop, order, back-off, replan. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChangeFailed, PebbleError, type Service } from '@vpn-k8s/pebble';
import { expect } from 'vitest';
import type { RunningPebble } from '../start.ts';
import { type Behaviour, stateOf, until } from './behaviour.ts';

const forever = 'sleep 1000';

function add(pebble: RunningPebble, services: Readonly<Record<string, Service>>): Promise<void> {
  const entries = Object.entries(services).map(([name, service]) => [name, { override: 'replace', ...service }]);
  return pebble.client.addLayer('test', { services: Object.fromEntries(entries) });
}

async function failure(action: Promise<unknown>): Promise<ChangeFailed> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChangeFailed);
  return error as ChangeFailed;
}

function since(pebble: RunningPebble, name: string): Promise<string | undefined> {
  return pebble.client.services([name]).then(([service]) => service?.['current-since']);
}

/** Rows about services. */
export const serviceBehaviours: readonly Behaviour[] = [
  {
    name: 'a service counts as started after one second, a second start says that it runs',
    async run(pebble) {
      await add(pebble, { web: { command: forever } });
      const begin = performance.now();
      const change = await pebble.client.start(['web']);
      expect(performance.now() - begin).toBeGreaterThan(950);
      expect(change).toMatchObject({ kind: 'start', summary: 'Start service "web"', status: 'Done' });
      expect(await stateOf(pebble, 'web')).toBe('active');
      expect((await pebble.client.start(['web'])).tasks?.[0]?.log?.[0]).toContain(
        'INFO Service "web" already started.',
      );
    },
  },
  {
    name: 'a service that ends at once fails its change with its output, and backs off',
    async run(pebble) {
      await add(pebble, { dies: { command: 'sh -c "echo boom >&2; exit 7"' } });
      const error = await failure(pebble.client.start(['dies']));
      expect(error.message).toContain(
        'Start service "dies" (service start attempt: exited quickly with code 7, will restart)',
      );
      expect(error.message).toMatch(/Most recent service output:\n\s+boom/);
      expect(await stateOf(pebble, 'dies')).toBe('backoff');
      await pebble.client.stop(['dies']);
      expect(await stateOf(pebble, 'dies')).toBe('inactive');
    },
  },
  {
    name: 'a program that is not there fails its change',
    async run(pebble) {
      await add(pebble, { none: { command: 'no-such-program -x' }, path: { command: '/no/such' } });
      const wanted = 'cannot start service: exec: "no-such-program": executable file not found in $PATH';
      expect((await failure(pebble.client.start(['none']))).message).toContain(wanted);
      expect((await failure(pebble.client.start(['path']))).message).toContain(
        'cannot start service: fork/exec /no/such: no such file or directory',
      );
      expect(await stateOf(pebble, 'none')).toBe('inactive');
    },
  },
  {
    name: 'on-failure ignore ends as error, on-success ignore as inactive',
    async run(pebble) {
      await add(pebble, {
        bad: { command: 'sh -c "sleep 1.2; exit 3"', 'on-failure': 'ignore' },
        good: { command: 'sh -c "sleep 1.2"', 'on-success': 'ignore' },
      });
      await Promise.all([pebble.client.start(['bad']), pebble.client.start(['good'])]);
      await until(
        () => stateOf(pebble, 'bad'),
        (state) => state === 'error',
      );
      await until(
        () => stateOf(pebble, 'good'),
        (state) => state === 'inactive',
      );
    },
  },
  {
    name: 'a service that crashes is started again after its back-off delay',
    async run(pebble, dir) {
      await add(pebble, {
        crash: { command: `sh -c "echo x >> ${dir}/starts; sleep 1.1; exit 1"`, 'backoff-delay': '50ms' },
      });
      await pebble.client.start(['crash']);
      await until(
        () => readFileSync(join(dir, 'starts'), 'utf8').length,
        (length) => length >= 4,
      );
      await pebble.client.stop(['crash']);
    },
  },
  {
    name: 'stop ends the whole process group, by SIGKILL after the kill delay',
    async run(pebble, dir) {
      const child = `sh -c 'trap "" TERM; echo $$ > ${dir}/pid; while :; do sleep 0.1; done'`;
      await add(pebble, { deaf: { command: `${child} `, 'kill-delay': '300ms' } });
      await pebble.client.start(['deaf']);
      const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
      const begin = performance.now();
      await pebble.client.stop(['deaf']);
      expect(performance.now() - begin).toBeGreaterThan(280);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      expect((await pebble.client.stop(['deaf'])).tasks?.[0]?.log?.[0]).toContain('Service "deaf" already stopped.');
    },
  },
  {
    name: 'start takes along what is required, in order; stop takes along what requires it',
    async run(pebble) {
      await add(pebble, { db: { command: forever }, app: { command: forever, requires: ['db'], after: ['db'] } });
      const started = await pebble.client.start(['app']);
      expect(started.summary).toBe('Start service "app" and 1 more');
      expect(started.tasks?.map((task) => task.summary)).toEqual(['Start service "db"', 'Start service "app"']);
      const stopped = await pebble.client.stop(['db']);
      expect(stopped.tasks?.map((task) => task.summary).sort()).toEqual(['Stop service "app"', 'Stop service "db"']);
    },
  },
  {
    name: 'a failed start holds what comes after it in the same lane',
    async run(pebble) {
      await add(pebble, { db: { command: 'false' }, app: { command: forever, requires: ['db'], after: ['db'] } });
      const { change } = await failure(pebble.client.start(['app']));
      expect(change.tasks?.map((task) => task.status)).toEqual(['Error', 'Hold']);
      expect(await stateOf(pebble, 'app')).toBe('inactive');
    },
  },
  {
    name: 'replan restarts what changed, starts what is enabled and leaves the rest alone',
    async run(pebble) {
      await add(pebble, {
        same: { command: forever, startup: 'enabled' },
        other: { command: forever },
        off: { command: forever },
      });
      expect((await pebble.client.start(['same', 'other'])).summary).toBe('Start service "same" and 1 more');
      const before = await Promise.all([since(pebble, 'same'), since(pebble, 'other')]);
      await add(pebble, { other: { command: 'sleep 2000' }, fresh: { command: forever, startup: 'enabled' } });
      const change = await pebble.client.replan();
      expect(change.summary).toBe('Replan service "fresh" and 2 more');
      const after = await Promise.all([since(pebble, 'same'), since(pebble, 'other')]);
      expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, false]);
      expect(await Promise.all(['fresh', 'off'].map((name) => stateOf(pebble, name)))).toEqual(['active', 'inactive']);
    },
  },
  {
    name: 'replan without services is a change that is done',
    async run(pebble) {
      expect(await pebble.client.replan()).toMatchObject({
        kind: 'replan',
        summary: 'Replan - no services',
        status: 'Done',
      });
    },
  },
  {
    name: 'restart stops only what was named',
    async run(pebble) {
      await add(pebble, { db: { command: forever }, app: { command: forever, requires: ['db'], after: ['db'] } });
      await pebble.client.start(['app']);
      const change = await pebble.client.restart(['db']);
      expect(change.tasks?.map((task) => task.summary)).toEqual(['Stop service "db"', 'Start service "db"']);
    },
  },
  {
    name: 'environment, directory and output reach and leave the service',
    async run(pebble, dir) {
      const command = `sh -c 'echo "$A|$PWD|$HOME" ; printf "no end" >&2; sleep 1000'`;
      await add(pebble, { env: { command, environment: { A: 'x y', HOME: '/h' }, 'working-dir': dir } });
      await pebble.client.start(['env']);
      expect((await pebble.client.logs(['env'], -1)).map((entry) => entry.message)).toContain(`x y|${dir}|/h`);
    },
  },
  {
    name: 'user and group are those of the layer',
    needsRoot: true,
    async run(pebble) {
      await add(pebble, {
        who: { command: `sh -c 'id -u; id -G; echo $USER; sleep 1000'`, user: 'daemon' },
        no: { command: forever, user: 'nobody-there' },
      });
      await pebble.client.start(['who']);
      expect((await pebble.client.logs(['who'])).map((entry) => entry.message)).toEqual(['1', '1', 'daemon']);
      expect((await failure(pebble.client.start(['no']))).message).toContain('user: unknown user nobody-there');
    },
  },
  {
    name: 'signals reach running services only',
    async run(pebble) {
      await add(pebble, { trap: { command: `sh -c 'trap "echo got" HUP; while :; do sleep 0.05; done'` } });
      await pebble.client.start(['trap']);
      await pebble.client.signal('SIGHUP', ['trap']);
      await until(
        () => pebble.client.logs(['trap']),
        (logs) => logs.some((entry) => entry.message === 'got'),
      );
      const refused = pebble.client.signal('SIGBOGUS', ['trap']);
      await expect(refused).rejects.toThrow('cannot send signal to "trap": invalid signal name "SIGBOGUS"');
    },
  },
  {
    name: 'a change can be waited for in vain and be aborted',
    async run(pebble) {
      await add(pebble, { web: { command: forever } });
      const begun = pebble.client.start(['web'], 200);
      await expect(begun).rejects.toThrow('Change 1 is still running after 200 ms');
      expect((await pebble.client.change('1')).status).toBe('Doing');
      expect(
        (await pebble.client.changes({ select: 'in-progress', service: 'web' })).map((change) => change.id),
      ).toEqual(['1']);
      await expect(pebble.client.change('99')).rejects.toThrow(PebbleError);
      expect((await pebble.client.waitChange('1')).status).toBe('Done');
    },
  },
];
