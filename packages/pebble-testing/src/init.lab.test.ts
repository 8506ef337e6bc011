/** @module As PID 1 of a container the stand-in reaps orphans, passes SIGTERM on and ends with its own exit code. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { bundlePebble } from './bundle.ts';

/** Leaves an orphan that ends soon; then waits to be stopped. */
const service = `sh -c '(sleep 0.2 &); trap "echo bye; exit 0" TERM; while :; do sleep 0.05; done'`;
const layer = (more: string) =>
  `services: {web: {override: replace, startup: enabled, command: ${JSON.stringify(service)}${more}}}`;

async function asPid1(text: string, then: string): Promise<{ code: number; output: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'pebble-init-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'layers'));
  writeFileSync(join(dir, 'layers/001-base.yaml'), text);
  const script = `PEBBLE=${dir}; export PEBBLE; (${then}) & exec "$0" "$@"`;
  const program = ['sh', '-c', script, process.execPath, await bundlePebble(), 'run', '--verbose'];
  const isolated = ['--pid', '--fork', '--kill-child', '--mount-proc', ...program];
  const ended = promisify(execFile)('unshare', isolated).then(({ stdout }) => ({ code: 0, output: stdout }));
  return ended.catch((error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }));
}

test('orphans are reaped and SIGTERM ends services in peace', async () => {
  const { code, output } = await asPid1(layer(''), 'sleep 1.5; ps -e -o stat,args | sed "s/^/ps: /"; kill -TERM 1');
  expect(output).toContain('[web] bye');
  expect(output).toMatch(/^ps: S\S* +pebble-init/m);
  expect(output).not.toMatch(/^ps: Z/m);
  expect(code).toBe(0);
});

test('the exit code of a shutdown by a service comes through', async () => {
  const dying = `services: {web: {override: replace, startup: enabled, on-failure: shutdown, command: sh -c "sleep 1.1; exit 1"}}`;
  expect((await asPid1(dying, 'true')).code).toBe(10);
});
