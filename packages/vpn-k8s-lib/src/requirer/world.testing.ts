/** @module Facts for the tests of the client's path: an application of Juju's own making, and what the API server would make of changes. */
import { readFileSync } from 'node:fs';
import type { KubeObject } from '@vpn-k8s/kube';
import { parseIp } from '@vpn-k8s/net';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, Container, Pod } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { Change } from '../changes.ts';
import { CLIENT } from '../names.ts';
import { prove, type Seen } from '../proof.ts';
import type { Facts } from './gather.ts';

const fixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8'));

/** The provider's text of a good gateway, with changes. */
export function gatewayText(change: Record<string, unknown> = {}): string {
  const recorded = fixture('charmarr/vpn-gateway-0.6.4.json') as {
    provider_databag: { connected: { config: string } };
  };
  return JSON.stringify({ ...(JSON.parse(recorded.provider_databag.connected.config) as object), ...change });
}

const ROUTES = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
const route = (device: string) => `${ROUTES}${device}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`;

/** What is seen in a pod: before anything, locked and routed, locked in an outage. */
export const seen = {
  plain: { alias: undefined, routes: route('eth0'), ipv6Routes: undefined },
  routed: (hash: string): Seen => ({ alias: hash, routes: route('vxlan0'), ipv6Routes: undefined }),
  outage: (hash: string): Seen => ({ alias: hash, routes: route('*'), ipv6Routes: undefined }),
};

/** A pod of the StatefulSet as the kubelet reports it. */
export function podOf(statefulSet: StatefulSet): Pod {
  const { metadata, spec } = statefulSet.spec!.template;
  const states = spec!.containers.map(({ name }) => ({
    name,
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    state: { running: {} },
  }));
  return { metadata: { ...metadata, name: 'alpha-0' }, spec: spec!, status: { containerStatuses: states } };
}

/** Juju's StatefulSet of the application, rolled out. */
export function plainStatefulSet(): StatefulSet {
  return fixture('juju/statefulset-alpha.json') as StatefulSet;
}

/** Facts of the leader of a required application without a relation, with changes. */
export function facts(change: Partial<Facts> = {}): Facts {
  const statefulSet = plainStatefulSet();
  return {
    app: 'alpha',
    namespace: 'lab',
    unit: 'alpha/0',
    leader: true,
    related: undefined,
    proof: prove(seen.plain),
    charmUid: 170,
    apiAddresses: ['192.168.1.10:17070'],
    env: { KUBERNETES_SERVICE_HOST: '10.152.183.1', KUBERNETES_SERVICE_PORT: '443' },
    live: { policy: undefined, configMap: undefined, statefulSet, pod: podOf(statefulSet) },
    slice: { addressType: 'IPv4', endpoints: [{ addresses: ['192.168.1.10'] }], ports: [{ port: 16443 }] },
    ownerUid: '00000000-0000-4000-8000-00000000002e',
    problem: undefined,
    options: { relation: 'vpn-gateway', workload: ['web'], required: true, openPorts: [8080] },
    scripts: { 'agent.sh': '# agent\n', 'client_init.sh': '# init\n', 'client_sidecar.sh': '# sidecar\n' },
    resolvers: { values: [parseIp('10.152.183.10')], how: '/etc/resolv.conf' },
    dying: false,
    ...change,
  };
}

/** The relation with the provider's text. */
export function related(text: string | undefined, ownText?: string): Facts['related'] {
  return { id: 'vpn-gateway:3', app: 'gluetun', text, ownText };
}

/** The world after the changes, as far as this side sees it; the StatefulSet's patch is followed by its roll-out. */
export function after(before: Facts, changes: readonly Change[]): Facts {
  let now = before;
  for (const change of changes) now = afterOne(now, change);
  return now;
}

function afterOne(now: Facts, change: Change): Facts {
  if (change.kind === 'publish') return { ...now, related: { ...now.related!, ownText: change.text } };
  if (change.kind === 'patch') return rolled(now, change.body as unknown as Patch);
  const key = change.resource.kind === 'ConfigMap' ? 'configMap' : 'policy';
  const body: KubeObject | undefined = change.kind === 'apply' ? change.body : undefined;
  return { ...now, live: { ...now.live, [key]: body as (ConfigMap & NetworkPolicy) | undefined } };
}

type Item = Container & { $patch?: string };
interface Patch {
  spec: { template: { metadata?: { annotations?: Record<string, string | null> }; spec?: Record<string, Item[]> } };
}

/** Merges by name, far enough for the patches of this library; the server's own merge is tested against the API server. */
function rolled(now: Facts, patch: Patch): Facts {
  const statefulSet = structuredClone(now.live.statefulSet!);
  const { metadata, spec } = statefulSet.spec!.template;
  for (const [key, value] of Object.entries(patch.spec.template.metadata?.annotations ?? {})) {
    if (value === null) delete metadata!.annotations![key];
    else metadata!.annotations![key] = value;
  }
  for (const list of ['initContainers', 'containers', 'volumes'] as const) {
    const items = patch.spec.template.spec?.[list] ?? [];
    const lists = spec as unknown as Record<string, Item[]>;
    lists[list] = merged(lists[list] ?? [], items, list === 'initContainers');
  }
  return { ...now, live: { ...now.live, statefulSet, pod: podOf(statefulSet) } };
}

function merged(live: Item[], items: Item[], first: boolean): Item[] {
  const gone = items.filter(({ $patch }) => $patch === 'delete').map(({ name }) => name);
  const added = items.filter(({ name }) => !gone.includes(name) && !live.some((item) => item.name === name));
  const kept = live
    .filter(({ name }) => !gone.includes(name))
    .map((item) => {
      const change = items.find(({ name }) => name === item.name);
      const { capabilities, ...others } = { ...item.securityContext, ...change?.securityContext };
      return change
        ? { ...item, ...change, securityContext: capabilities ? { ...others, capabilities } : others }
        : item;
    });
  return first ? [...added, ...kept] : [...kept, ...added];
}

/** True when one of our containers is in the pod. */
export function isPatched({ live }: Facts): boolean {
  return Boolean(live.pod?.spec?.containers.some(({ name }) => name === CLIENT.sidecar));
}
