/** @module The StatefulSet's decisions, held to the rules of the real controller and to a set that Juju made. */

import { readFileSync } from 'node:fs';
import type { StatefulSet, StatefulSetSpec } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { revisionName, revisionOf, templateOf } from './revision.ts';
import { type PlanStep, statefulPlan, statefulStatus } from './stateful-plan.ts';
import { statefulClaims, statefulPod } from './stateful-pod.ts';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
const revisions = { current: 'web-old', update: 'web-new' };

function set(spec: Partial<StatefulSetSpec>): StatefulSet {
  const template = { metadata: { labels: { app: 'web' } } };
  return { metadata: { name: 'web', generation: 3 }, spec: { serviceName: 'web', selector: {}, template, ...spec } };
}

/** `old-1!` is pod 1 in the old revision and not ready, `new-0~` is terminating, `new-2x` has failed. */
function pod(text: string): Pod {
  const [, revision, ordinal, mark] = /^(old|new)-(\d+)(.?)$/.exec(text) as RegExpExecArray;
  return {
    metadata: {
      name: `web-${ordinal}`,
      labels: { 'controller-revision-hash': `web-${revision}` },
      ...(mark === '~' && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    status: {
      phase: mark === 'x' ? 'Failed' : 'Running',
      conditions: [{ type: 'Ready', status: mark === '!' || mark === 'x' ? 'False' : 'True' }],
    },
  };
}

const shown = (step: PlanStep) =>
  step.kind === 'create' ? `+${step.ordinal} ${step.revision}` : `-${step.pod.metadata?.name} ${step.why}`;

test.each([
  { name: 'Parallel makes all at once', replicas: 2, pods: [], steps: ['+0 web-new', '+1 web-new'] },
  { name: 'OrderedReady makes the first', policy: 'OrderedReady', replicas: 2, pods: [], steps: ['+0 web-new'] },
  { name: 'OrderedReady waits for Ready', policy: 'OrderedReady', replicas: 2, pods: ['new-0!'], steps: [] },
  { name: 'a roll-out starts at the highest', replicas: 2, pods: ['old-0', 'old-1'], steps: ['-web-1 update'] },
  { name: 'it waits while a pod ends', replicas: 2, pods: ['old-0', 'old-1~'], steps: [] },
  { name: 'a missing pod comes back new', replicas: 2, pods: ['old-0'], steps: ['+1 web-new'] },
  { name: 'it waits until the new one is Ready', replicas: 2, pods: ['old-0', 'new-1!'], steps: [] },
  { name: 'then the next goes', replicas: 2, pods: ['old-0', 'new-1'], steps: ['-web-0 update'] },
  { name: 'a broken old pod does not block Parallel', replicas: 1, pods: ['old-0!'], steps: ['-web-0 update'] },
  { name: 'it blocks OrderedReady', policy: 'OrderedReady', replicas: 1, pods: ['old-0!'], steps: [] },
  {
    name: 'scaling down takes all above',
    replicas: 1,
    pods: ['new-0', 'new-1', 'new-2'],
    steps: ['-web-2 scale', '-web-1 scale'],
  },
  { name: 'a failed pod is replaced', replicas: 1, pods: ['new-0x'], steps: ['-web-0 failed'] },
  { name: 'the partition keeps lower pods', replicas: 2, partition: 1, pods: ['old-0', 'new-1'], steps: [] },
  { name: 'below the partition the old comes back', replicas: 2, partition: 1, pods: ['new-1'], steps: ['+0 web-old'] },
  { name: 'OnDelete leaves old pods', strategy: 'OnDelete', replicas: 1, pods: ['old-0'], steps: [] },
])('$name', ({ replicas, pods, steps, policy = 'Parallel', partition = 0, strategy = 'RollingUpdate' }) => {
  const updateStrategy = {
    type: strategy as 'RollingUpdate',
    ...(strategy === 'RollingUpdate' && { rollingUpdate: { partition } }),
  };
  const wanted = set({ replicas, podManagementPolicy: policy as 'Parallel', updateStrategy });
  expect(statefulPlan(wanted, pods.map(pod), revisions).map(shown)).toEqual(steps);
});

test.each([
  { name: 'in the middle', pods: ['old-0', 'new-1!'], current: 'web-old', counts: [2, 1, 1, 1] },
  { name: 'not done before Ready', pods: ['new-0', 'new-1!'], current: 'web-old', counts: [2, 1, undefined, 2] },
  { name: 'done', pods: ['new-0', 'new-1'], current: 'web-new', counts: [2, 2, 2, 2] },
])('status of a roll-out: $name', ({ pods, current, counts }) => {
  const status = statefulStatus(set({ replicas: 2 }), pods.map(pod), revisions);
  const { replicas, readyReplicas, currentReplicas, updatedReplicas } = status;
  expect([replicas, readyReplicas, currentReplicas, updatedReplicas]).toEqual(counts);
  expect(status).toMatchObject({ currentRevision: current, updateRevision: 'web-new', observedGeneration: 3 });
});

test("the pod of Juju's StatefulSet is the recorded one, but for what admission and scheduler add", () => {
  const alpha = fixture('juju-statefulset.json') as StatefulSet;
  const recorded = fixture('juju-pods.json').items[0];
  const made = statefulPod(alpha, alpha.spec?.template ?? {}, 0, 'alpha-7859d6db95');
  const { labels, ownerReferences, generateName, name, namespace } = recorded.metadata;
  expect(made.metadata).toMatchObject({ labels, ownerReferences, generateName, name, namespace });
  const { volumes, hostname, subdomain, serviceAccountName } = recorded.spec;
  expect(made.spec).toMatchObject({ hostname, subdomain, serviceAccountName, volumes: volumes.slice(0, 2) });
  expect(statefulClaims(alpha, 0).map(({ metadata }) => metadata?.name)).toEqual(['alpha-data-1a2e6e-alpha-0']);
});

test('a revision is named after the template whatever the order of its keys, and gives the template back', () => {
  const one = set({ template: { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [] } } });
  const two = set({ template: { spec: { containers: [] }, metadata: { labels: { b: '2', a: '1' } } } });
  const three = set({ template: { metadata: { labels: { a: '1' } }, spec: { containers: [] } } });
  expect(revisionName(one)).toBe(revisionName(two));
  expect(revisionName(one)).not.toBe(revisionName(three));
  expect(templateOf(revisionOf(one, 1))).toEqual(one.spec?.template);
});
