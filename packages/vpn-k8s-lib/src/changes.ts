/** @module What a run wants to write, as data that can be printed, and the writing of it. */
import { Forbidden, Invalid, type KubeClient, type KubeObject, type Resource, statefulSets } from '@vpn-k8s/kube';
import { FIELD_MANAGER } from './names.ts';
import type { StatefulSetPatch } from './patch/template.ts';

/** One write. */
export type Change =
  | { readonly kind: 'apply'; readonly resource: Resource; readonly body: KubeObject; readonly created: boolean }
  | { readonly kind: 'delete'; readonly resource: Resource; readonly name: string }
  | { readonly kind: 'publish'; readonly relationId: string; readonly text: string }
  | { readonly kind: 'patch'; readonly name: string; readonly body: StatefulSetPatch };

/**
 * One line per change, as `vpn-k8s plan` and the log show it.
 * @example changeText(change) // '+ networkpolicy qbittorrent-vpn-killswitch'
 */
export function changeText(change: Change): string {
  switch (change.kind) {
    case 'apply':
      return `${change.created ? '+' : '~'} ${change.resource.kind.toLowerCase()} ${change.body.metadata?.name}`;
    case 'delete':
      return `- ${change.resource.kind.toLowerCase()} ${change.name}`;
    case 'publish':
      return `~ relation ${change.relationId}`;
    case 'patch':
      return `~ statefulset ${change.name}`;
  }
}

/** Writes one change of the cluster. Why force: fields that the Python family owned become ours when an application is taken over. */
export async function writeToCluster(change: Change, kube: KubeClient, namespace: string): Promise<void> {
  const options = { namespace, fieldManager: FIELD_MANAGER };
  if (change.kind === 'apply') await kube.apply(change.resource, change.body, { ...options, force: true });
  if (change.kind === 'delete')
    await kube.delete(change.resource, change.name, { namespace, propagation: 'Background' });
  if (change.kind === 'patch')
    await kube.patch(statefulSets, change.name, change.body, { ...options, type: 'strategic' });
}

/**
 * The sentence for an answer of the API that a person must act on; undefined for errors that go away by themselves.
 * @param app whose charm asks, for the command in the sentence
 */
export function refusalOf(error: unknown, app: string): string | undefined {
  if (error instanceof Forbidden && / cannot \w+ resource /.test(error.message)) {
    return `may not ${error.verb} ${error.resource}: run: juju trust ${app} --scope=cluster`;
  }
  if (error instanceof Forbidden || error instanceof Invalid) {
    return `the cluster refuses ${error.request.resource} ${error.request.name ?? ''}: ${error.message.slice(0, 160)}`;
  }
  return undefined;
}
