/** @module The scheduler of a cluster of one node: binds pods to it unless it is cordoned. */

import { ApiError, nodes, pods as podResource } from '@vpn-k8s/kube';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { keyOf } from '../cache.ts';
import { apiTime } from '../kubelet/pod-status.ts';
import { Queue } from '../queue.ts';
import type { ControllerPorts } from './stateful-sets.ts';

/** Starts the scheduler; the returned function ends it. */
export function runScheduler(ports: ControllerPorts, nodeName: string): () => void {
  const { caches, log } = ports;
  const schedule = async (key: string) => {
    const [namespace, name = ''] = key.split('/');
    const pod = caches.pods.get(namespace, name);
    if (pod && isUnbound(pod)) await scheduleOne(ports, pod, nodeName);
  };
  const queue = new Queue(schedule, (key, error) => log(`scheduler ${key}: ${(error as Error).message}`));
  const all = () => {
    for (const pod of caches.pods.list().filter(isUnbound)) queue.add(keyOf(pod));
  };
  caches.pods.onChange((after) => after && isUnbound(after) && queue.add(keyOf(after)));
  caches.nodes.onChange(all);
  all();
  return () => queue.stop();
}

function isUnbound(pod: Pod): boolean {
  return !pod.spec?.nodeName && !pod.metadata?.deletionTimestamp;
}

async function scheduleOne({ client, caches }: ControllerPorts, pod: Pod, nodeName: string): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  const isCordoned = caches.nodes.get(undefined, nodeName)?.spec?.unschedulable ?? false;
  try {
    if (isCordoned) await client.patch(podResource, name, unschedulable(pod), statusOf(namespace));
    else {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace },
        target: { kind: 'Node', name: nodeName },
      };
      await client.create(podResource, binding as Pod, { namespace, subresource: 'binding' });
    }
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 409)) throw error;
  }
}

function statusOf(namespace: string) {
  return { namespace, subresource: 'status', type: 'strategic' } as const;
}

function unschedulable(pod: Pod) {
  const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/1 nodes are available: 1 node(s) were unschedulable.',
    lastTransitionTime: known?.lastTransitionTime ?? apiTime(new Date()),
  };
  return { status: { phase: 'Pending', conditions: [condition] } } as never;
}

/** Marks the node as (un)schedulable, as `kubectl cordon` does. */
export async function setCordon({ client }: Pick<ControllerPorts, 'client'>, node: string, on: boolean): Promise<void> {
  await client.patch(nodes, node, { spec: { unschedulable: on || null } } as never, { type: 'merge' });
}
