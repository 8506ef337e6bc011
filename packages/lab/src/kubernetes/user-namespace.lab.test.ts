/** @module The pods' tests once more in an unprivileged user namespace, where only user 0 exists. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { insideArgv } from '../inside.ts';

test('pods run without root on the machine; the test that needs two users is left out', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-report-'));
  const report = join(directory, 'report.json');
  const options = ['--project', 'lab', '--reporter', 'json', '--outputFile', report];
  const vitest = ['npx', 'vitest', 'run', ...options, 'packages/lab/src/kubernetes/pod.lab'];
  const [command = '', ...args] = insideArgv(vitest, { kind: 'user-namespace', users: 'one', why: '' });
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 100_000, killSignal: 'SIGKILL' });
  const { numFailedTests, numPendingTests, numPassedTests } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(directory, { recursive: true });
  expect({ numFailedTests, numPendingTests }, `${stdout}${stderr}`).toEqual({ numFailedTests: 0, numPendingTests: 1 });
  expect(numPassedTests).toBeGreaterThan(10);
});
