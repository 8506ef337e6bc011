/** @module The environment of every recorded hook is made again, variable for variable. */

import { expect, test } from 'vitest';
import { hookEnvironment } from '../src/run/environment.ts';
import { recordedEvent, recordedHooks, recordedState } from './recorded.ts';

test.each(recordedHooks().map((one, index) => ({ name: `${one.scenario}: ${one.hook} (${index})`, one })))(
  '$name',
  ({ one }) => {
    const { JUJU_ACTION_UUID, JUJU_ACTION_TAG, ...juju } = one.env;
    const directory = `/var/lib/juju/agents/unit-${one.unit.replace('/', '-')}`;
    const environment = hookEnvironment(recordedEvent(one), recordedState(one), {
      charmDir: `${directory}/charm`,
      toolsDir: directory.replace('agents', 'tools'),
      socket: `${directory}/agent.socket`,
      contextId: juju.JUJU_CONTEXT_ID!,
      kubernetes: { host: '10.152.183.1', port: '443' },
    });
    const { JUJU_ACTION_UUID: uuid, JUJU_ACTION_TAG: tag, ...ours } = environment;
    expect(ours).toEqual(juju);
    expect([uuid === undefined, tag === undefined]).toEqual([
      JUJU_ACTION_UUID === undefined,
      JUJU_ACTION_TAG === undefined,
    ]);
  },
);
