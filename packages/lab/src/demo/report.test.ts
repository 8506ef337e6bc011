/** @module The demo's output stays within 80 columns and says what was measured. */

import { expect, test } from 'vitest';
import { HEADER, type Report, stepLine, summary } from './report.ts';

const report: Report = {
  steps: [
    {
      name: 'deploy',
      seconds: 12.34,
      state: 'gluetun active, qbittorrent blocked: no gateway is related to it yet',
      leaked: 0,
    },
    { name: 'gateway restarted', seconds: 3, state: 'routed', leaked: 1 },
  ],
  leaked: 1,
  exitAddress: '203.0.113.5',
  recoverySeconds: 0.118,
  podRestartsToRouted: 1,
  writesWhenNothingChanged: 0,
  standIns: ['gluetun: a program that behaves as recorded from 3.41.1, driving real WireGuard in user space'],
};

test('as a reader sees it', async () => {
  const text = [HEADER, ...report.steps.map(stepLine), '', ...summary(report)].join('\n');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  await expect(`${text}\n`).toMatchFileSnapshot('./golden/report.txt');
});
