/** @module NetworkPolicy to nftables, pure: which pod may send to and receive from whom, as the Kubernetes API defines it. */

import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.js';

/** What a policy engine knows of a pod. */
export interface PolicyPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  readonly hostInterface: string;
}

/** The cluster as a policy engine sees it. */
export interface PolicyWorld {
  readonly pods: readonly PolicyPod[];
  readonly policies: readonly NetworkPolicy[];
  /** Labels of each namespace. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Direction = 'Egress' | 'Ingress';

/**
 * The whole rule set as nft(8) text; loading it replaces the last one in one transaction.
 * Traffic from the node itself (probes) is always let in, as the API's documentation says of the pod's own node.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function policyRules(world: PolicyWorld): string {
  const chains = world.pods.flatMap((pod) => [podChain(world, pod, 'Egress'), podChain(world, pod, 'Ingress')]);
  const lines = chains.filter((chain) => chain !== undefined);
  return [
    'table inet netpol',
    'delete table inet netpol',
    'table inet netpol {',
    ...lines.flatMap((chain) => chain.body),
    ...hook('forward', lines),
    ...hook(
      'input',
      lines.filter((chain) => chain.direction === 'Egress'),
    ),
    '}',
  ].join('\n');
}

interface Chain {
  direction: Direction;
  jump: string;
  body: string[];
}

function hook(name: 'forward' | 'input', chains: Chain[]): string[] {
  const head = `  chain ${name} { type filter hook ${name} priority filter; policy accept;`;
  return [head, '    ct state established,related accept', ...chains.map((chain) => `    ${chain.jump}`), '  }'];
}

function podChain(world: PolicyWorld, pod: PolicyPod, direction: Direction): Chain | undefined {
  const policies = world.policies.filter((policy) => applies(policy, pod, direction));
  if (policies.length === 0) return undefined;
  const name = `${direction.toLowerCase()}_${pod.hostInterface}`;
  const rules = policies.flatMap((policy) => directionRules(world, policy, direction));
  return {
    direction,
    jump: `${direction === 'Egress' ? 'iifname' : 'oifname'} "${pod.hostInterface}" jump ${name}`,
    body: [`  chain ${name} {`, ...rules.map((rule) => `    ${rule} accept`), '    counter drop', '  }'],
  };
}

function applies(policy: NetworkPolicy, pod: PolicyPod, direction: Direction): boolean {
  const types = policy.spec?.policyTypes ?? ['Ingress', ...(policy.spec?.egress ? ['Egress'] : [])];
  return (
    types.includes(direction) &&
    policy.metadata?.namespace === pod.namespace &&
    selects(policy.spec?.podSelector, pod.labels)
  );
}

function directionRules(world: PolicyWorld, policy: NetworkPolicy, direction: Direction): string[] {
  const rules =
    direction === 'Egress'
      ? (policy.spec?.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }))
      : (policy.spec?.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports }));
  return rules.flatMap(({ peers, ports }) => {
    const targets = peers?.length ? peers.flatMap((peer) => peerMatch(world, policy, peer, direction)) : [''];
    return targets.flatMap((target) => portMatches(ports).map((port) => `${target} ${port}`.trim()));
  });
}

function peerMatch(world: PolicyWorld, policy: NetworkPolicy, peer: NetworkPolicyPeer, direction: Direction): string[] {
  const side = direction === 'Egress' ? 'daddr' : 'saddr';
  if (peer.ipBlock) return [blockMatch(peer.ipBlock, side)];
  const members = world.pods.filter((pod) => peerSelects(world, policy, peer, pod));
  return members.map((pod) => `ip ${side} ${pod.address}`);
}

function blockMatch(block: IPBlock, side: string): string {
  const family = block.cidr.includes(':') ? 'ip6' : 'ip';
  const except = (block.except ?? []).map((cidr) => `${family} ${side} != ${cidr}`);
  return [`${family} ${side} ${block.cidr}`, ...except].join(' ');
}

function peerSelects(world: PolicyWorld, policy: NetworkPolicy, peer: NetworkPolicyPeer, pod: PolicyPod): boolean {
  const inNamespace = peer.namespaceSelector
    ? selects(peer.namespaceSelector, world.namespaces[pod.namespace] ?? {})
    : pod.namespace === policy.metadata?.namespace;
  return inNamespace && (!peer.podSelector || selects(peer.podSelector, pod.labels));
}

function portMatches(ports: NetworkPolicyPort[] | undefined): string[] {
  if (!ports?.length) return [''];
  return ports.map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    if (port.port === undefined) return `meta l4proto ${protocol}`;
    return `${protocol} dport ${port.port}${port.endPort ? `-${port.endPort}` : ''}`;
  });
}

/** Whether a label selector selects these labels (an empty selector selects all). */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector?.matchExpressions ?? []).every((term) => holds(term, labels));
}

function holds(
  term: { key: string; operator: string; values?: string[] },
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[term.key];
  switch (term.operator) {
    case 'In':
      return value !== undefined && (term.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(term.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw new Error(`The selector operator "${term.operator}" is not one of In, NotIn, Exists, DoesNotExist.`);
  }
}
