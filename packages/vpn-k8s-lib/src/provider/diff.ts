/** @module What a gateway has to write: policy, ConfigMap, relations, StatefulSet last. */
import { configMaps, type KubeObject, networkPolicies, type Resource } from '@vpn-k8s/kube';
import type { Change } from '../changes.ts';
import { asWanted } from '../objects.ts';
import type { Desired } from './desired.ts';
import type { Facts } from './gather.ts';

/** The changes of the leader; every other unit writes nothing of the application. */
export function diff(facts: Facts, want: Desired): Change[] {
  if (!facts.leader || facts.problem) return [];
  const { live, app } = facts;
  return [
    ...objectChange(networkPolicies, live.policy, want.policy),
    ...objectChange(configMaps, live.configMap, want.configMap),
    ...facts.related.flatMap(({ id, ownText }) => textChange(id, ownText, want.texts[id])),
    ...(want.patch ? [{ kind: 'patch', name: app, body: want.patch } as const] : []),
  ];
}

function objectChange(resource: Resource, live: KubeObject | undefined, wanted: KubeObject | undefined): Change[] {
  if (!wanted || asWanted(live, wanted)) return [];
  return [{ kind: 'apply', resource, body: wanted, created: live === undefined }];
}

function textChange(relationId: string, before: string | undefined, text: string | undefined): Change[] {
  return text === undefined || text === before ? [] : [{ kind: 'publish', relationId, text }];
}
