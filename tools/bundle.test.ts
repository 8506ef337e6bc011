/** @module The budget of a charm's bundle: every import is paid on every hook of every unit. */

import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleCharm } from './bundle.ts';

/** Libraries that cost more at start than a whole hook may take. */
const forbidden = /node_modules\/(?!valibot\/|cidr-tools\/|ip-bigint\/)/;
const charms = readdirSync('charms').filter((name) => existsSync(`charms/${name}/src/charm.ts`));

test.each(charms)('%s: at most 100 kB, and only libraries that are worth it', async (name) => {
  const { code, metafile } = await bundleCharm(name);
  expect(Buffer.byteLength(code)).toBeLessThanOrEqual(100_000);
  expect(Object.keys(metafile.inputs).filter((input) => forbidden.test(input))).toEqual([]);
});

test('there are charms to measure', () => {
  expect(charms).toContain('gluetun-k8s');
});
