/** @module The oracle works: without the lock and without enforced policies the same story counts leaks. */

import { afterAll, expect } from 'vitest';
import { tell } from '../src/demo/story.ts';
import { Lab } from '../src/lab.ts';
import { needs } from '../src/needs.ts';
import { place } from '../src/programs/options.ts';
import { unlockedCharms } from './packed.ts';

const test = needs('users', 'tunnel');

const { options, remove } = place();
afterAll(remove);

test('lock and policies off: the same story leaks, and the ISP sees from which pod', async () => {
  const charms = unlockedCharms();
  const lab = await Lab.start({ ...options, policies: { enforce: false } });
  const audience = { begin: () => {}, step: () => {} };
  const { report } = await tell(lab, { charms, locked: false, standIns: [] }, audience);
  expect(report.leaked).toBeGreaterThan(50);
  const { flows } = await lab.oracle.read();
  expect(flows.map(({ destination }) => destination)).toContain('198.51.100.80');
  await lab.stop();
}, 300_000);
