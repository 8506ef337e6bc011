/** @module The type of a patch: what compiles here is the test, run by `tsc`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import { expect, test } from 'vitest';
import type { StrategicPatch } from './strategic-patch.ts';

type Patch = StrategicPatch<StatefulSet>;
const pod = (spec: NonNullable<NonNullable<NonNullable<Patch['spec']>['template']>['spec']>): Patch => ({
  spec: { template: { spec } },
});

test('directives have types', () => {
  const patches: Patch[] = [
    pod({ initContainers: [{ name: 'old', $patch: 'delete' }], '$setElementOrder/initContainers': [{ name: 'vpn' }] }),
    pod({ volumes: [{ name: 'v', emptyDir: {}, $retainKeys: ['name', 'emptyDir'] }], tolerations: null }),
    {
      metadata: { finalizers: null, '$deleteFromPrimitiveList/finalizers': ['example.org/a'], labels: { gone: null } },
    },
    // @ts-expect-error a misspelt field
    pod({ initContainer: [] }),
    // @ts-expect-error no such directive
    pod({ containers: [{ name: 'x', $patch: 'explode' }] }),
    // @ts-expect-error a number is wanted
    { spec: { replicas: '1' } },
    // @ts-expect-error an order of a list that is not there
    pod({ '$setElementOrder/nothing': [] }),
  ];
  expect(patches).toHaveLength(7);
});
