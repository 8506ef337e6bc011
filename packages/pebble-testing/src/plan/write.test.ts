/** @module What the stand-in writes as a plan is YAML for the library and for the client alike. */
import { type Plan, parsePlanYaml } from '@vpn-k8s/pebble';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { anyLayer } from './any-layer.ts';
import { writePlan } from './write.ts';

test('the YAML library and the client read the same', () => {
  fc.assert(
    fc.property(anyLayer, (layer) => {
      const text = writePlan({ services: {}, checks: {}, 'log-targets': {}, ...layer } as Plan);
      expect(parsePlanYaml(text)).toEqual(parse(text, { version: '1.2' }) ?? {});
    }),
    { numRuns: 500 },
  );
});
