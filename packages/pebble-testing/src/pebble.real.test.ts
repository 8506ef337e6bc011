/** @module The real Pebble does what the table says, so the table is right. */
import { beforeAll, describe } from 'vitest';
import { describeBehaviours } from './behaviours/suite.ts';
import { buildPebble, pebbleVersion, whyNoPebble } from './build.ts';

const why = whyNoPebble();

describe.skipIf(why !== undefined)(
  why === undefined ? `Pebble ${pebbleVersion}` : `Pebble ${pebbleVersion} (left out: ${why})`,
  () => {
    beforeAll(async () => void (await buildPebble()), 300_000);
    describeBehaviours('real');
  },
);
