/** @module A failed change says why in its message. */
import { expect, test } from 'vitest';
import type { Change } from './answers.ts';
import { ChangeFailed } from './errors.ts';

const change: Change = {
  id: '1',
  kind: 'start',
  summary: 'Start service "web"',
  status: 'Error',
  ready: true,
  'spawn-time': '',
};
const task = {
  id: '1',
  kind: 'start',
  summary: 'Start service "web"',
  status: 'Error',
  progress: { label: '', done: 1, total: 1 },
  'spawn-time': '',
};

test.each([
  {
    name: 'the log of its tasks',
    change: { ...change, err: 'cannot start', tasks: [{ ...task, log: ['T INFO out:\n    boom', 'T ERROR bad'] }] },
    message: 'cannot start\nStart service "web": T INFO out:\n      boom\nStart service "web": T ERROR bad',
  },
  {
    name: 'its status where Pebble gives no reason',
    change: { ...change, status: 'Hold' },
    message: 'Start service "web" ended as Hold',
  },
])('the message has $name', ({ change, message }) => {
  expect(new ChangeFailed(change).message).toBe(message);
});
