/** @module Every recorded exchange with Juju's hook tools is answered as Juju answered it. */

import { expect, test } from 'vitest';
import { runHookTool } from '../src/hook-tools/engine.ts';
import { bufferedBackend } from '../src/hook-tools/transaction.ts';
import { stateWorld } from '../src/state/world.ts';
import {
  addedSecrets,
  type RecordedCall,
  recordedCharm,
  recordedEvent,
  recordedHooks,
  recordedState,
} from './recorded.ts';

const hooks = recordedHooks();

test('there is something to compare with', () => {
  expect(hooks.reduce((sum, one) => sum + one.calls.length, 0)).toBeGreaterThan(4000);
});

test.each(hooks.map((one, index) => ({ name: `${one.scenario}: ${one.unit} ${one.hook} (${index})`, one })))(
  '$name',
  ({ one }) => {
    const inside = stateWorld(recordedCharm, recordedEvent(one), recordedState(one));
    const ids = addedSecrets(one);
    const { backend } = bufferedBackend(inside.world, () => ids.shift()!);
    for (const call of one.calls) {
      const { code, stdout, stderr } = runHookTool(backend, call.tool, call.args, call.stdin ?? '');
      const said = { code, stdout, stderr: comparable(call, stderr) };
      const juju = { code: call.rc, stdout: call.stdout, stderr: comparable(call, call.stderr ?? '') };
      expect(said, `${call.tool} ${call.args.join(' ')}`).toEqual(juju);
    }
  },
);

/** Why: resource-get quotes an HTTP request of the agent, with the controller's address and an internal UUID. */
function comparable(call: RecordedCall, stderr: string): string {
  return call.tool === 'resource-get' ? stderr.replace(/resource: .*/, 'resource') : stderr;
}
