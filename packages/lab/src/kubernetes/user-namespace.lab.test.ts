/** @module The pods' tests once more as an unprivileged user in a user namespace, where only user 0 exists. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { insideArgv } from '../inside.ts';

const OTHER_USER = ['--reuid=1000', '--regid=1000', '--clear-groups'];
/** Why not root: to a namespace that maps the machine's root, the machine's files are its own. */
const canRead = spawnSync('setpriv', [...OTHER_USER, 'test', '-r', 'vitest.config.ts']).status === 0;
const AS_ANOTHER = canRead ? ['setpriv', ...OTHER_USER] : [];

test('pods run without root on the machine; the test that needs two users is left out', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-report-'));
  chmodSync(directory, 0o777);
  const report = join(directory, 'report.json');
  const options = ['--configLoader', 'runner', '--project', 'lab', '--reporter', 'json', '--outputFile', report];
  const vitest = ['npx', 'vitest', 'run', ...options, 'packages/lab/src/kubernetes/pod.lab'];
  const [command = '', ...args] = [
    ...AS_ANOTHER,
    ...insideArgv(vitest, { kind: 'user-namespace', users: 'one', why: '' }),
  ];
  const { stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, HOME: directory },
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  const { numFailedTests, numPendingTests, numPassedTests } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(directory, { recursive: true });
  expect({ numFailedTests, numPendingTests }, `${stdout}${stderr}`).toEqual({ numFailedTests: 0, numPendingTests: 1 });
  expect(numPassedTests).toBeGreaterThan(10);
});
