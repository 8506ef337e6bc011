/** @module Behaviours of the program: start, end, layers on disk, who may ask what. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { pebbleCommand, startPebble } from '../start.ts';
import { type Behaviour, raw, stateOf, until } from './behaviour.ts';

const enabled = (command: string) =>
  `services:\n  web:\n    override: replace\n    startup: enabled\n    command: ${command}\n`;

/** Rows about the program. */
export const programBehaviours: readonly Behaviour[] = [
  {
    name: 'reads layers on disk in order and starts what is enabled',
    files: {
      'layers/001-base.yaml': enabled('sleep 1000'),
      'layers/002-more.d/001-one.yaml': 'services: {web: {override: merge, summary: hi}}',
    },
    args: [],
    async run(pebble) {
      await until(
        () => stateOf(pebble, 'web'),
        (state) => state === 'active',
      );
      expect((await pebble.client.plan()).services.web).toMatchObject({
        command: 'sleep 1000',
        summary: 'hi',
        startup: 'enabled',
      });
      const [change] = await pebble.client.changes({ service: 'web' });
      expect(change).toMatchObject({ kind: 'autostart', summary: 'Autostart service "web"' });
    },
  },
  {
    name: 'holds what is enabled with --hold',
    files: { 'layers/001-base.yaml': enabled('sleep 1000') },
    async run(pebble) {
      expect(await stateOf(pebble, 'web')).toBe('inactive');
    },
  },
  {
    name: 'SIGTERM stops services in peace and ends with 0',
    async run(pebble, dir) {
      const command = `sh -c 'trap "echo bye > ${dir}/bye; exit 0" TERM; while :; do sleep 0.05; done'`;
      await pebble.client.addLayer('x', { services: { web: { override: 'replace', command } } });
      await pebble.client.start(['web']);
      expect(await pebble.stop()).toBe(0);
      expect(statSync(`${dir}/bye`).size).toBe(4);
    },
  },
  {
    name: 'on-failure shutdown ends Pebble with 10',
    async run(pebble) {
      const web = { override: 'replace', command: 'sh -c "sleep 1.1; exit 1"', 'on-failure': 'shutdown' } as const;
      await pebble.client.addLayer('x', { services: { web } });
      await pebble.client.start(['web']);
      expect(await pebble.exited).toBe(10);
    },
  },
  {
    name: 'on-success shutdown ends Pebble with 0',
    async run(pebble) {
      const web = { override: 'replace', command: 'sleep 1.1', 'on-success': 'shutdown' } as const;
      await pebble.client.addLayer('x', { services: { web } });
      await pebble.client.start(['web']);
      expect(await pebble.exited).toBe(0);
    },
  },
  {
    name: 'on-check-failure shutdown ends Pebble with 11',
    async run(pebble) {
      await pebble.client.addLayer('x', {
        services: { web: { override: 'replace', command: 'sleep 1000', 'on-check-failure': { ex: 'shutdown' } } },
        checks: { ex: { override: 'replace', period: '700ms', threshold: 2, exec: { command: 'false' } } },
      });
      await pebble.client.start(['web']);
      expect(await pebble.exited).toBe(11);
    },
  },
  {
    name: 'everybody may connect to the socket',
    async run(pebble) {
      expect(statSync(pebble.socket).mode & 0o777).toBe(0o666);
    },
  },
  {
    name: 'over TCP only what is open to all is answered',
    http: true,
    async run(pebble, _, port) {
      const rows = [
        ['GET', '/v1/health', 200, ''],
        ['GET', '/v1/health?level=ready', 200, ''],
        ['GET', '/v1/system-info', 200, ''],
        ['GET', '/v1/services', 401, 'access denied'],
        ['POST', '/v1/layers', 401, 'access denied'],
        ['GET', '/v1/plan?format=yaml', 401, 'access denied'],
        ['GET', '/v1/nope', 404, 'invalid API endpoint requested'],
      ] as const;
      for (const [method, path, status, message] of rows) {
        const answer = await raw(pebble, method, path, method === 'POST' ? {} : undefined, port);
        expect([path, answer.status, answer.message]).toEqual([path, status, message]);
        expect(answer.kind).toBe(status === 401 ? 'login-required' : '');
      }
    },
  },
  {
    name: 'a second one on the same socket is refused, a socket left behind is replaced',
    async run(pebble, dir) {
      const { program } = pebble;
      const [command, ...first] = await pebbleCommand(program);
      const env = { PATH: '/usr/bin:/bin', PEBBLE: dir, PEBBLE_SOCKET: pebble.socket };
      const second = promisify(execFile)(command!, [...first, 'run'], { env });
      await expect(second).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('already in use') });
      expect((await pebble.client.systemInfo()).version).toContain('v1.26.0');
      pebble.process.kill('SIGKILL');
      await pebble.exited;
      const next = await startPebble({ dir, socket: pebble.socket, program });
      await next.stop();
    },
  },
];
