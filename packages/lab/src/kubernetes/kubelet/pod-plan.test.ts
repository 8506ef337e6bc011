/** @module Which containers start when, the pod's phase, and the status that comes of it. */

import { readFileSync } from 'node:fs';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { afterExit, showBackoff } from './backoff.ts';
import { podPlan } from './pod-plan.ts';
import { podStatus } from './pod-status.ts';
import { type ContainerRecord, newRecords } from './record.ts';

type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

function pod(restartPolicy: RestartPolicy): Pod {
  const side = { name: 'side', restartPolicy: 'Always' };
  return {
    metadata: { name: 'p', generation: 1 },
    spec: {
      restartPolicy,
      initContainers: [{ name: 'one' }, side, { name: 'two' }],
      containers: [{ name: 'a' }, { name: 'b' }],
    },
  };
}

/** Sets states from words: `run`, `up` (running and started), `0`, `1` (exit codes), `wait` (in back-off after a crash). */
function records(of: Pod, states: Record<string, string>): ContainerRecord[] {
  const all = newRecords(of);
  for (const record of all) {
    const word = states[record.container.name];
    if (word === 'run' || word === 'up') record.state = { running: {} };
    if (word === 'up') Object.assign(record, { started: true, ready: true });
    if (word === 'wait') Object.assign(record, { state: { waiting: {} }, last: { exitCode: 1 }, notBefore: 5000 });
    if (word === '0' || word === '1') record.state = { terminated: { exitCode: Number(word) } };
  }
  return all;
}

const done = { one: '0', side: 'up', two: '0' };

test.each([
  { name: 'first init container', states: {}, start: ['one'], phase: 'Pending' },
  { name: 'it runs', states: { one: 'run' }, start: [], phase: 'Pending' },
  { name: 'it failed', states: { one: '1' }, start: ['one'], phase: 'Pending' },
  { name: 'it failed for good', policy: 'Never', states: { one: '1' }, start: [], phase: 'Failed' },
  { name: 'native sidecar next', states: { one: '0' }, start: ['side'], phase: 'Pending' },
  { name: 'sidecar not started yet', states: { one: '0', side: 'run' }, start: [], phase: 'Pending' },
  { name: 'sidecar up', states: { one: '0', side: 'up' }, start: ['two'], phase: 'Pending' },
  { name: 'a crashed sidecar is started beside', states: { one: '0', side: '1' }, start: ['side'], phase: 'Pending' },
  { name: 'all containers', states: done, start: ['a', 'b'], phase: 'Pending' },
  { name: 'all run', states: { ...done, a: 'up', b: 'up' }, start: [], phase: 'Running' },
  { name: 'one ended', states: { ...done, a: 'up', b: '0' }, start: ['b'], phase: 'Running' },
  {
    name: 'one ended, OnFailure',
    policy: 'OnFailure',
    states: { ...done, a: 'up', b: '0' },
    start: [],
    phase: 'Running',
  },
  { name: 'one in back-off', states: { ...done, a: 'up', b: 'wait' }, start: [], phase: 'Running' },
  { name: 'all ended', policy: 'Never', states: { ...done, a: '0', b: '0' }, start: [], phase: 'Succeeded' },
  { name: 'one failed', policy: 'Never', states: { ...done, a: '0', b: '1' }, start: [], phase: 'Failed' },
  {
    name: 'a sidecar comes back later too',
    states: { ...done, side: '1', a: 'up', b: 'up' },
    start: ['side'],
    phase: 'Running',
  },
])('$name', ({ states, start, phase, policy = 'Always' }) => {
  const of = pod(policy as RestartPolicy);
  const plan = podPlan(of, records(of, states), 1000);
  expect(plan.start.map(({ container }) => container.name)).toEqual(start);
  expect(plan.phase).toBe(phase);
});

test('the wait after a crash doubles to its longest, and a long run forgets it', () => {
  const record = newRecords(pod('Always'))[0] as ContainerRecord;
  const waits = [10, 10, 10, 10, 5000].map((ran) => {
    afterExit(record, ran, 0, { first: 200, longest: 500 });
    return record.notBefore;
  });
  expect(waits).toEqual([0, 200, 400, 500, 0]);
});

test.each([
  { name: 'a crash', state: { terminated: { exitCode: 1 } }, reason: 'CrashLoopBackOff' },
  { name: 'a failed pull', state: { waiting: { reason: 'ErrImagePull' } }, reason: 'ImagePullBackOff' },
  {
    name: 'a missing object',
    state: { waiting: { reason: 'CreateContainerConfigError' } },
    reason: 'CreateContainerConfigError',
  },
])('what the API shows while $name waits', ({ state, reason }) => {
  const record = Object.assign(newRecords(pod('Always'))[0] as ContainerRecord, { state });
  showBackoff(record, 'p');
  expect(record.state.waiting?.reason).toBe(reason);
});

test("the status has the fields and conditions of the recorded pod's", () => {
  const url = new URL('../fixtures/juju-pods.json', import.meta.url);
  const recorded = JSON.parse(readFileSync(url, 'utf8')).items[0] as Pod;
  const all = records(recorded, { 'charm-init': '0', charm: 'up', web: 'up' });
  const { initialized, phase } = podPlan(recorded, all, 0);
  const facts = { phase, initialized, podIp: '10.1.0.7', hostIp: 'NODE', startTime: new Date(0), now: new Date(0) };
  const status = podStatus({ ...recorded, status: {} }, all, facts);
  expect(Object.keys(recorded.status ?? {})).toEqual(expect.arrayContaining(Object.keys(status)));
  const shape = (list: Pod['status']) => list?.conditions?.map(({ type, status: state }) => `${type}=${state}`);
  expect(shape(status)).toEqual(shape(recorded.status));
  expect(status).toMatchObject({ phase: 'Running', qosClass: 'Burstable', podIPs: [{ ip: '10.1.0.7' }] });
});

test('conditions say what is missing and keep their times', () => {
  const of = pod('Always');
  const all = records(of, { ...done, a: 'up', b: 'run' });
  const facts = { phase: 'Running', initialized: true, podIp: '10.1.0.2', hostIp: 'h', startTime: new Date(0) };
  const early = podStatus(of, all, { ...facts, now: new Date(1000) });
  const later = podStatus({ ...of, status: early }, all, { ...facts, now: new Date(9000) });
  expect(later).toEqual(early);
  expect(early.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [b]',
  });
});
