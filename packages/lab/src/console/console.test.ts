/** @module The console over a real socket: output, exit codes, and a sentence when no lab is there. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { askLab } from './client.ts';
import { serveConsole } from './server.ts';

const path = join(mkdtempSync(join(tmpdir(), 'console-')), 'console.sock');
const server = serveConsole(async (request, say) => {
  if (request.kind !== 'exec') throw new Error('the container is gone');
  say('stdout', `ran ${request.argv.join(' ')}\n`);
  say('stderr', 'and complained\n');
  return 3;
}, path);
afterAll(() => server.close());

function collect() {
  const seen = { stdout: '', stderr: '' };
  const add = (key: 'stdout' | 'stderr') => (text: string) => {
    seen[key] += text;
  };
  return { seen, output: { stdout: add('stdout'), stderr: add('stderr') } };
}

test('output and exit code come through', async () => {
  const { seen, output } = collect();
  expect(await askLab({ kind: 'exec', unit: 'a/0', argv: ['ip', 'route'] }, output, path)).toBe(3);
  expect(seen).toEqual({ stdout: 'ran ip route\n', stderr: 'and complained\n' });
});

test('a failure is a sentence and exit code 1', async () => {
  const { seen, output } = collect();
  expect(await askLab({ kind: 'status' }, output, path)).toBe(1);
  expect(seen.stderr).toBe('the container is gone\n');
});

test('without a lab the command to start one is named', async () => {
  await expect(askLab({ kind: 'status' }, collect().output, `${path}.none`)).rejects.toThrow('npm run lab');
});
