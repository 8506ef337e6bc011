/** @module The demo's story as a test: every promise of the project in one run, with packed charms. */

import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Report } from '../src/demo/report.ts';
import { tell } from '../src/demo/story.ts';
import { Lab } from '../src/lab.ts';
import { needs } from '../src/needs.ts';
import { addresses } from '../src/network/addresses.ts';
import { place } from '../src/programs/options.ts';
import { charms } from './packed.ts';

const test = needs('users', 'tunnel');

const { options, remove } = place();
let lab: Lab;
let report: Report;

beforeAll(async () => {
  const packed = charms();
  lab = await Lab.start(options);
  const audience = { begin: () => {}, step: () => {} };
  report = (await tell(lab, { charms: packed, locked: true, standIns: [] }, audience)).report;
}, 300_000);

afterAll(async () => {
  await lab?.stop();
  remove();
});

describe('the story, told with packed charms', () => {
  test('no packet leaks in any step', () => {
    expect(report.steps.map(({ name, leaked }) => `${name}: ${leaked}`)).toEqual([
      'deploy: 0',
      'relate: 0',
      'patch: 0',
      'routed: 0',
      'nothing to do: 0',
      'gateway restarted: 0',
      'firewall broken: 0',
      'relation removed: 0',
      'related again: 0',
      'application removed: 0',
    ]);
  });

  test("the internet sees the VPN's address", () => {
    expect(report.exitAddress).toBe(addresses.vpnServer);
  });

  test('one pod restart from relate to routed', () => {
    expect(report.podRestartsToRouted).toBe(1);
  });

  test('a hook with nothing to do writes nothing', () => {
    expect(report.writesWhenNothingChanged).toBe(0);
  });

  test('traffic is back within a second of the new gateway', () => {
    expect(report.recoverySeconds).toBeLessThan(1);
  });
});
