/** @module What has to be written, in the order in which it never leaks: policy, ConfigMap, relation, StatefulSet last. */
import { configMaps, networkPolicies } from '@vpn-k8s/kube';
import type { Change } from '../changes.ts';
import { clientConfigMap, killSwitch } from '../names.ts';
import { asWanted } from '../objects.ts';
import type { Desired } from './desired.ts';
import type { Facts } from './gather.ts';

/**
 * The changes of the leader; every other unit writes nothing of the application. When the relation goes, the policy is the last
 * to go: after the pods, after the ConfigMap.
 */
export function diff(facts: Facts, want: Desired): Change[] {
  if (!facts.leader || facts.problem || facts.dying) return [];
  if (want.noPolicy) return relationChange(facts, want);
  const changes = [...configMapChange(facts, want), ...relationChange(facts, want)];
  const policy = policyChange(facts, want);
  // The preflight pod has its place here: before the first patch, and when image, privileges or policy shape change.
  const patch: Change[] = want.patch ? [{ kind: 'patch', name: facts.app, body: want.patch }] : [];
  return want.policy ? [...policy, ...changes, ...patch] : [...changes, ...patch, ...policy];
}

function policyChange(facts: Facts, want: Desired): Change[] {
  const { policy } = facts.live;
  if (want.policy) {
    return asWanted(policy, want.policy)
      ? []
      : [{ kind: 'apply', resource: networkPolicies, body: want.policy, created: !policy }];
  }
  // Why with the ConfigMap: while that is kept, pods of ours may still run.
  const goes = policy && want.configMap === undefined;
  return goes ? [{ kind: 'delete', resource: networkPolicies, name: killSwitch(facts.app) }] : [];
}

function configMapChange({ app, live }: Facts, { configMap }: Desired): Change[] {
  if (configMap === 'keep') return [];
  if (configMap === undefined) {
    return live.configMap ? [{ kind: 'delete', resource: configMaps, name: clientConfigMap(app) }] : [];
  }
  return asWanted(live.configMap, configMap)
    ? []
    : [{ kind: 'apply', resource: configMaps, body: configMap, created: !live.configMap }];
}

function relationChange({ related }: Facts, { relationText }: Desired): Change[] {
  if (!related || relationText === undefined || related.ownText === relationText) return [];
  return [{ kind: 'publish', relationId: related.id, text: relationText }];
}
