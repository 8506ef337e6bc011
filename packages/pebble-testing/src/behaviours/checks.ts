/** @module Behaviours of checks, health and the notices that Juju polls for. */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Check, CheckInfo } from '@vpn-k8s/pebble';
import { expect } from 'vitest';
import type { RunningPebble } from '../start.ts';
import { type Behaviour, stateOf, until } from './behaviour.ts';

const quick = { override: 'replace', period: '250ms', timeout: '240ms', threshold: 2 } as const;

function add(pebble: RunningPebble, checks: Readonly<Record<string, Check>>): Promise<void> {
  return pebble.client.addLayer('checks', { checks });
}

async function check(pebble: RunningPebble, name: string): Promise<CheckInfo> {
  return (await pebble.client.checks({ names: [name] }))[0]!;
}

function becomes(pebble: RunningPebble, name: string, status: CheckInfo['status']): Promise<CheckInfo> {
  return until(
    () => check(pebble, name),
    (info) => info.status === status,
  );
}

/** Rows about checks. */
export const checkBehaviours: readonly Behaviour[] = [
  {
    name: 'refreshing looks at once, and its failures count towards the threshold',
    async run(pebble, dir) {
      const slow = { ...quick, period: '1h', exec: { command: `test -e ${dir}/flag` } };
      await add(pebble, { late: slow });
      const first = await pebble.client.refreshCheck('late');
      expect(first.info).toMatchObject({ status: 'up', failures: 1 });
      expect(first.error).toContain('exit status 1');
      expect((await pebble.client.refreshCheck('late')).info.status).toBe('down');
      writeFileSync(`${dir}/flag`, '');
      await until(
        () => pebble.client.refreshCheck('late'),
        ({ info }) => info.status === 'up',
      );
    },
  },
  {
    name: 'a check goes down at its threshold and up again, each time as a new change that a notice tells of',
    async run(pebble, dir) {
      const flag = `${dir}/flag`;
      writeFileSync(flag, '');
      await add(pebble, { ex: { ...quick, exec: { command: `test -e ${flag}` } } });
      const first = await until(
        () => check(pebble, 'ex'),
        (info) => (info.successes ?? 0) > 1,
      );
      expect(first).toMatchObject({ status: 'up', startup: 'enabled', threshold: 2 });
      rmSync(flag);
      const down = await becomes(pebble, 'ex', 'down');
      const recover = await until(
        () => check(pebble, 'ex'),
        (info) => info['change-id'] !== first['change-id'],
      );
      expect(await pebble.client.change(first['change-id']!)).toMatchObject({
        kind: 'perform-check',
        status: 'Error',
        summary: 'Perform exec check "ex"',
      });
      expect(await pebble.client.change(recover['change-id']!)).toMatchObject({
        kind: 'recover-check',
        status: 'Doing',
      });
      expect(down.failures).toBeGreaterThanOrEqual(2);
      writeFileSync(flag, '');
      await becomes(pebble, 'ex', 'up');
      await until(
        () => pebble.client.change(recover['change-id']!),
        (change) => change.status === 'Done',
      );
      const notices = await pebble.client.notices({ types: ['change-update'], users: 'all' });
      const told = notices.map((notice) => notice['last-data']);
      expect(told).toContainEqual({ kind: 'perform-check', 'check-name': 'ex' });
      expect(told).toContainEqual({ kind: 'recover-check', 'check-name': 'ex' });
    },
  },
  {
    name: 'health is 502 while a check of the level is down, and forgets stopped checks',
    async run(pebble) {
      await add(pebble, {
        live: { ...quick, level: 'alive', exec: { command: 'false' } },
        plain: { ...quick, exec: { command: 'true' } },
      });
      await becomes(pebble, 'live', 'down');
      expect(
        await Promise.all([pebble.client.health(), pebble.client.health('alive'), pebble.client.health('ready')]),
      ).toEqual([false, false, false]);
      expect(await pebble.client.stopChecks(['live'])).toEqual(['live']);
      expect(await pebble.client.stopChecks(['live'])).toEqual([]);
      expect(await pebble.client.health('alive')).toBe(true);
      expect(await check(pebble, 'live')).toMatchObject({ status: 'inactive' });
      expect(await pebble.client.startChecks(['live', 'plain'])).toEqual(['live']);
      await expect(pebble.client.startChecks(['nope'])).rejects.toThrow(
        'cannot start checks: cannot find checks in plan: nope',
      );
    },
  },
  {
    name: 'an alive check that is ready does not make ready unhealthy by a ready check of alive',
    async run(pebble) {
      await add(pebble, { rdy: { ...quick, level: 'ready', exec: { command: 'false' } } });
      await becomes(pebble, 'rdy', 'down');
      expect(await Promise.all([pebble.client.health('alive'), pebble.client.health('ready')])).toEqual([true, false]);
    },
  },
  {
    name: 'tcp and http checks see an open port and a 2xx answer, and say what they saw',
    async run(pebble) {
      const server = createServer((request, response) =>
        response.writeHead(request.url === '/ok' ? 204 : 503).end('busy\n'),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const url = (path: string) => `http://127.0.0.1:${port}${path}`;
      await add(pebble, {
        tcp: { ...quick, tcp: { host: '127.0.0.1', port } },
        ok: { ...quick, http: { url: url('/ok') } },
        busy: { ...quick, threshold: 100, http: { url: url('/busy') } },
      });
      await until(
        () => pebble.client.checks({ names: ['tcp', 'ok'] }),
        (all) => all.every((info) => (info.successes ?? 0) > 0),
      );
      const { 'change-id': id } = await until(
        () => check(pebble, 'busy'),
        (info) => (info.failures ?? 0) > 0,
      );
      // Why any line: on a busy machine the first question may end by its timeout.
      await until(
        async () => (await pebble.client.change(id!)).tasks?.[0]?.log ?? [],
        (lines) => lines.some((line) => /ERROR non-2xx status code 503; busy$/.test(line)),
      );
      server.closeAllConnections();
      server.close();
      const down = await becomes(pebble, 'tcp', 'down');
      const log = await until(
        () => pebble.client.change(down['change-id']!),
        (change) => (change.tasks?.[0]?.log?.length ?? 0) > 0,
      );
      expect(log.tasks?.[0]?.log?.[0]).toContain(`ERROR dial tcp 127.0.0.1:${port}: connect: connection refused`);
    },
  },
  {
    name: 'a check that takes too long fails',
    async run(pebble) {
      await add(pebble, { slow: { ...quick, threshold: 50, exec: { command: 'sleep 5' } } });
      const { 'change-id': id } = await until(
        () => check(pebble, 'slow'),
        (info) => (info.failures ?? 0) > 0,
      );
      expect((await pebble.client.change(id!)).tasks?.[0]?.log?.[0]).toContain('ERROR check timed out after 240ms');
    },
  },
  {
    name: 'on-check-failure restart restarts the service',
    async run(pebble, dir) {
      await pebble.client.addLayer('both', {
        services: {
          web: {
            override: 'replace',
            command: 'sleep 1000',
            'on-check-failure': { ex: 'restart' },
            'backoff-delay': '50ms',
          },
        },
        checks: { ex: { ...quick, startup: 'disabled', exec: { command: `test -e ${dir}/flag` } } },
      });
      await pebble.client.start(['web']);
      const before = (await pebble.client.services(['web']))[0]!['current-since'];
      await pebble.client.startChecks(['ex']);
      await until(
        () => pebble.client.services(['web']),
        ([web]) => web?.current === 'active' && web['current-since'] !== before,
      );
    },
  },
  {
    name: 'a changed check begins anew, an unchanged one goes on, a disabled one waits',
    async run(pebble) {
      await add(pebble, { one: { ...quick, exec: { command: 'true' } }, two: { ...quick, exec: { command: 'true' } } });
      const before = await Promise.all([check(pebble, 'one'), check(pebble, 'two')]);
      const three = { ...quick, startup: 'disabled', exec: { command: 'true' } } as const;
      await add(pebble, {
        one: { ...quick, exec: { command: 'true' } },
        two: { ...quick, exec: { command: 'sh -c true' } },
        three,
      });
      const after = await Promise.all([check(pebble, 'one'), check(pebble, 'two')]);
      expect(after[0]['change-id']).toBe(before[0]['change-id']);
      expect(after[1]['change-id']).not.toBe(before[1]['change-id']);
      expect(await check(pebble, 'three')).toMatchObject({ status: 'inactive', startup: 'disabled' });
      expect(await stateOf(pebble, 'none')).toBeUndefined();
    },
  },
  {
    name: 'a poll for notices waits for one that comes after the last',
    async run(pebble) {
      const none = await pebble.client.notices({ types: ['custom'], timeoutMs: 100 });
      expect(none).toEqual([]);
      const waiting = pebble.client.notices({ types: ['custom'], keys: ['charm.test/port'], timeoutMs: 5_000 });
      const id = await pebble.client.notify('charm.test/port', { port: '1' });
      const [notice] = await waiting;
      expect(notice).toMatchObject({ id, type: 'custom', occurrences: 1, 'last-data': { port: '1' } });
      const after = notice!['last-repeated'];
      expect(await pebble.client.notices({ types: ['custom'], after })).toEqual([]);
      await pebble.client.notify('charm.test/port', { port: '2' }, { repeatAfter: '1h' });
      expect(await pebble.client.notices({ types: ['custom'], after })).toEqual([]);
      await pebble.client.notify('charm.test/port', { port: '3' });
      expect(await pebble.client.notices({ types: ['custom'], after })).toMatchObject([
        { occurrences: 3, 'last-data': { port: '3' } },
      ]);
    },
  },
];
