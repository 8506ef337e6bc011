/** @module What a client wants: pure, from what was gathered. */
import { named, parseCidrs, parseIp, Refusal } from '@vpn-k8s/net';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { AGENT_IMAGE, CLIENT, clientConfigMap } from '../names.ts';
import { configMap, owned } from '../objects.ts';
import { withNetwork, withoutNetwork } from '../patch/containers.ts';
import { remember, remembered } from '../patch/memory.ts';
import { openPorts } from '../patch/ports.ts';
import { additionsPatch, hasOurs, removalPatch, type StatefulSetPatch } from '../patch/template.ts';
import { type Gateway, type Overrides, readGateway } from '../relation/gateway.ts';
import { SCHEMA_VERSION } from '../relation/schema.ts';
import { requirerText } from '../relation/write.ts';
import { rolledOut } from '../rollout.ts';
import { METHOD_NAMES, methodOf } from '../routing/index.ts';
import type { RoutingMethod } from '../routing/method.ts';
import { agentData } from '../settings.ts';
import type { Facts } from './gather.ts';
import { lockImpossible } from './impossible.ts';
import { policyOf } from './policy.ts';

/** Why it does not go further: by itself (waiting), or not without a person (blocked). */
export interface Obstacle {
  readonly state: 'waiting' | 'blocked';
  readonly reason: string;
}

/** What a client wants the cluster and the relation to hold; a missing object is wanted away. */
export interface Desired {
  /** The gateway, once its data is good. */
  readonly gateway: Gateway | undefined;
  /** Hash that the pod must prove. */
  readonly hash: string | undefined;
  readonly policy: NetworkPolicy | undefined;
  /** 'keep': the last good one stays. */
  readonly configMap: ConfigMap | 'keep' | undefined;
  readonly relationText: string | undefined;
  readonly patch: StatefulSetPatch | undefined;
  /** A policy is needed but cannot be made. */
  readonly noPolicy: string | undefined;
  readonly obstacle: Obstacle | undefined;
}

/** What is wanted while the relation is there, and after it. */
export function desired(facts: Facts): Desired {
  return facts.related ? whileRelated(facts, facts.related.text) : afterwards(facts);
}

const NOTHING = { gateway: undefined, hash: undefined, relationText: undefined, patch: undefined, obstacle: undefined };

function whileRelated(facts: Facts, text: string | undefined): Desired {
  const base = { ...NOTHING, configMap: 'keep', relationText: ownText(facts) } as const;
  const read = readOrRefuse(facts, text);
  if (read.obstacle) return { ...base, ...policyOf(facts, undefined), obstacle: read.obstacle };
  const { gateway, method } = read;
  const related = { ...base, gateway, ...policyOf(facts, { gateway, method }) };
  const { statefulSet } = facts.live;
  if (!statefulSet) return { ...related, obstacle: { state: 'waiting', reason: 'the StatefulSet is not there yet' } };
  const impossible = lockImpossible(statefulSet, facts.options, facts.charmUid);
  if (impossible) return { ...related, obstacle: { state: 'blocked', reason: impossible } };
  return { ...related, ...podOf(facts, statefulSet, gateway, method) };
}

type Read = { obstacle: Obstacle } | { obstacle?: undefined; gateway: Gateway; method: RoutingMethod };

function readOrRefuse(facts: Facts, text: string | undefined): Read {
  const blocked = (reason: string): Read => ({ obstacle: { state: 'blocked', reason } });
  const from = facts.related?.app;
  try {
    const read = readGateway(text, overrides(facts));
    if (read.kind === 'absent') return { obstacle: { state: 'waiting', reason: `${from} has not sent its data yet` } };
    if (read.kind === 'invalid') return blocked(`data of ${from} is refused: ${read.problem}`);
    const method = methodOf(read.gateway.routingMethod);
    if (method) {
      const lack = method.lacks(read.gateway);
      return lack ? blocked(`data of ${from} is refused: ${lack}`) : { gateway: read.gateway, method };
    }
    const refusal = new Refusal(
      read.gateway.routingMethod,
      `is not known here: ${METHOD_NAMES.join(', ')}`,
      'routing_method',
    );
    return blocked(`data of ${from} is refused: ${refusal.message}`);
  } catch (error) {
    if (error instanceof Refusal) return blocked(`configuration is refused: ${error.message}`);
    throw error;
  }
}

function overrides({ options: { config } }: Facts): Overrides {
  return {
    ...(config?.clusterCidrs ? { clusterCidrs: named('cluster-cidrs', config.clusterCidrs, parseCidrs) } : {}),
    ...(config?.clusterDnsIp ? { clusterDns: named('cluster-dns-ip', config.clusterDnsIp, parseIp) } : {}),
  };
}

/** ConfigMap and StatefulSet patch that bring every pod through this gateway. */
function podOf(
  facts: Facts,
  live: StatefulSet,
  gateway: Gateway,
  method: RoutingMethod,
): Pick<Desired, 'hash' | 'configMap' | 'patch'> {
  const { app, namespace, ownerUid, options, scripts } = facts;
  const name = clientConfigMap(app);
  const settings = method.clientSettings(gateway, openPorts(live, options.openPorts));
  const { data, hash } = agentData(settings, scripts);
  const { volume, ...containers } = method.clientPod(options.config?.agentImage ?? AGENT_IMAGE, name);
  const workload = workloadOf(live, options.workload);
  const additions = {
    ...containers,
    names: CLIENT,
    hash,
    volumes: [volume],
    others: workload.map((container) => withoutNetwork(container, options.config?.allowRaw ?? false)),
    defaultContainer: options.workload[0],
    memory: remember(live, workload),
  };
  return {
    hash,
    configMap: owned(configMap(name, data), { app, namespace, uid: ownerUid }),
    patch: additionsPatch(live, additions),
  };
}

function unlocked(live: StatefulSet, names: readonly string[]) {
  const memory = remembered(live);
  return workloadOf(live, names).map((container) => withNetwork(container, memory[container.name]));
}

function workloadOf(live: StatefulSet, names: readonly string[]) {
  return (live.spec?.template.spec?.containers ?? []).filter((container) => names.includes(container.name));
}

/**
 * Without a relation: the pod goes back first; ConfigMap and policy stay until no pod needs them.
 */
function afterwards(facts: Facts): Desired {
  const { statefulSet } = facts.live;
  const patched = hasOurs(statefulSet?.spec?.template.spec, CLIENT);
  const back = statefulSet && removalPatch(statefulSet, CLIENT, unlocked(statefulSet, facts.options.workload));
  const settled = statefulSet !== undefined && !patched && rolledOut(statefulSet);
  const policy = settled || !facts.live.configMap ? policyOf(facts, 'none') : policyOf(facts, undefined);
  return { ...NOTHING, ...policy, configMap: settled ? undefined : 'keep', patch: back };
}

function ownText({ app, namespace, options }: Facts): string {
  return requirerText({
    instance_name: app,
    schema_version: SCHEMA_VERSION,
    routing_methods: [...METHOD_NAMES],
    forward_ports: options.forwardPorts ?? 0,
    namespace,
  });
}
