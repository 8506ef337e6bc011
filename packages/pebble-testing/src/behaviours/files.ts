/** @module Behaviours of files and commands. */
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChangeFailed, PathError } from '@vpn-k8s/pebble';
import { expect } from 'vitest';
import type { Behaviour } from './behaviour.ts';

/** Rows about files and commands. */
export const fileBehaviours: readonly Behaviour[] = [
  {
    name: 'a pushed file has its content, mode and parents, and comes back the same',
    async run(pebble, dir) {
      const path = join(dir, 'a b/"c"/ü.txt');
      const content = 'one\r\n--two\r\n\r\n\0three';
      await pebble.client.pushFile(path, content, { makeDirs: true, permissions: '640' });
      expect(readFileSync(path, 'utf8')).toBe(content);
      expect([statSync(path).mode & 0o777, statSync(join(dir, 'a b')).mode & 0o777]).toEqual([0o640, 0o755]);
      expect(await pebble.client.pullFile(path)).toBe(content);
      await pebble.client.pushFile(path, '');
      expect([await pebble.client.pullFile(path), statSync(path).mode & 0o777]).toEqual(['', 0o644]);
    },
  },
  {
    name: 'bytes go through unharmed, also many',
    async run(pebble, dir) {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
      await pebble.client.pushFile(join(dir, 'bytes'), bytes);
      expect((await pebble.client.pullBytes(join(dir, 'bytes')))?.equals(bytes)).toBe(true);
    },
  },
  {
    name: 'owners are looked up',
    needsRoot: true,
    async run(pebble, dir) {
      await pebble.client.pushFile(join(dir, 'f'), 'x', { user: 'daemon', group: 'daemon' });
      expect([statSync(join(dir, 'f')).uid, statSync(join(dir, 'f')).gid]).toEqual([1, 1]);
      const failed = pebble.client.pushFile(join(dir, 'g'), 'x', { user: 'nobody-there', group: 'daemon' });
      await expect(failed).rejects.toThrow('cannot look up user and group: user: unknown user nobody-there');
    },
  },
  {
    name: 'what cannot be done is a PathError with its kind',
    async run(pebble, dir) {
      writeFileSync(join(dir, 'file'), '');
      mkdirSync(join(dir, 'full/sub'), { recursive: true });
      const { client } = pebble;
      const rows: readonly [() => Promise<unknown>, string, RegExp][] = [
        [() => client.pushFile(join(dir, 'no/x'), ''), 'not-found', /^open .*no\/x\..*~: no such file or directory$/],
        [() => client.pushFile(join(dir, 'file/x'), '', { makeDirs: true }), 'generic-file-error', /not a directory$/],
        [
          () => client.pushFile(join(dir, 'x'), '', { permissions: '9' }),
          'generic-file-error',
          /3-digit octal string, got "9"$/,
        ],
        [() => client.pushFile('relative', ''), 'generic-file-error', /^paths must be absolute, got "relative"$/],
        [() => client.pullFile(dir), 'generic-file-error', /^can only read a regular file: /],
        [
          () => client.makeDirs([join(dir, 'full')], { makeParents: false }),
          'generic-file-error',
          /^mkdir .*full: file exists$/,
        ],
        [
          () => client.makeDirs([join(dir, 'n/m')], { makeParents: false }),
          'not-found',
          /^mkdir .*: no such file or directory$/,
        ],
        [() => client.removeFiles([join(dir, 'none')]), 'not-found', /^remove .*none: no such file or directory$/],
        [() => client.removeFiles([join(dir, 'full')]), 'generic-file-error', /^remove .*full: directory not empty$/],
      ];
      for (const [action, kind, message] of rows) {
        const error = await action().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(PathError);
        expect([(error as PathError).kind, (error as PathError).message]).toEqual([
          kind,
          expect.stringMatching(message),
        ]);
      }
      expect(await client.pullFile(join(dir, 'none'))).toBeUndefined();
    },
  },
  {
    name: 'directories are made, listed and removed',
    async run(pebble, dir) {
      const { client } = pebble;
      await client.makeDirs([join(dir, 'p/q')], { permissions: '700' });
      await client.makeDirs([join(dir, 'p/q')]);
      expect([statSync(join(dir, 'p')).mode & 0o777, statSync(join(dir, 'p/q')).mode & 0o777]).toEqual([0o700, 0o700]);
      writeFileSync(join(dir, 'p/b.txt'), '12345');
      symlinkSync('b.txt', join(dir, 'p/link'));
      const rows = await client.listFiles(join(dir, 'p'));
      expect(rows.map(({ name, type, size }) => [name, type, size])).toEqual([
        ['b.txt', 'file', 5],
        ['link', 'symlink', undefined],
        ['q', 'directory', undefined],
      ]);
      expect((await client.listFiles(join(dir, 'p'), { pattern: '*.txt' })).map((file) => file.name)).toEqual([
        'b.txt',
      ]);
      expect((await client.listFiles(join(dir, 'p'), { itself: true })).map((file) => file.path)).toEqual([
        join(dir, 'p'),
      ]);
      await client.removeFiles([join(dir, 'p'), join(dir, 'none')], { recursive: true });
      await expect(client.listFiles(join(dir, 'p'))).rejects.toMatchObject({ status: 404, kind: 'not-found' });
    },
  },
  {
    name: 'a command has input, output, errors, environment, directory and exit code',
    async run(pebble, dir) {
      const command = ['sh', '-c', 'cat; echo err >&2; echo "$FOO $PWD"; exit 5'];
      const done = await pebble.client.exec(command, {
        stdin: 'typed\n',
        environment: { FOO: 'bar' },
        workingDir: dir,
      });
      expect(done).toEqual({ exitCode: 5, stdout: `typed\nbar ${dir}\n`, stderr: 'err\n' });
      expect((await pebble.client.exec(['sh', '-c', 'kill -9 $$'])).exitCode).toBe(137);
    },
  },
  {
    name: 'a command can print more than a frame holds',
    async run(pebble) {
      const { stdout } = await pebble.client.exec(['sh', '-c', 'head -c 200000 /dev/zero | tr "\\0" x']);
      expect(stdout.length).toBe(200_000);
    },
  },
  {
    name: 'a command runs in the context of a service',
    async run(pebble, dir) {
      const web = {
        override: 'replace',
        command: 'sleep 1',
        environment: { A: '1', B: '2' },
        'working-dir': dir,
      } as const;
      await pebble.client.addLayer('x', { services: { web } });
      const options = { serviceContext: 'web', environment: { B: '3' } };
      expect((await pebble.client.exec(['sh', '-c', 'echo $A$B $PWD'], options)).stdout).toBe(`13 ${dir}\n`);
      await expect(pebble.client.exec(['true'], { serviceContext: 'no' })).rejects.toThrow(
        'context service "no" not found',
      );
    },
  },
  {
    name: 'a command that takes too long fails, one that is not there is refused',
    async run(pebble) {
      const slow = pebble.client.exec(['sleep', '30'], { timeoutMs: 300 });
      await expect(slow).rejects.toThrow(ChangeFailed);
      await expect(slow).rejects.toThrow('timed out after 300ms: context deadline exceeded');
      await expect(pebble.client.exec(['/no/such'])).rejects.toThrow('cannot find executable "/no/such"');
    },
  },
];
