/** @module Which kill switch a client wants now: with the gateway, with the last good one, or with the control plane only. */
import {
  type Cidr,
  type Ip,
  type Label,
  parseCidrs,
  parseDnsName,
  parseIp,
  parsePort,
  parseSettings,
  splitEndpointsName,
} from '@vpn-k8s/net';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { apiServersOf, apiServiceOf, controllersOf } from '../discovery.ts';
import { owned } from '../objects.ts';
import { type ControlPlane, lacking } from '../policy/egress.ts';
import { killSwitchPolicy, type Through } from '../policy/policies.ts';
import type { Gateway } from '../relation/gateway.ts';
import { methodOf } from '../routing/index.ts';
import type { RoutingMethod } from '../routing/method.ts';
import type { Facts } from './gather.ts';

/** Annotation with the controllers of the last run: they stay allowed for one more, because a controller may be moving. */
export const CONTROLLERS = 'vpn-k8s.io/controllers';

/** The wanted policy, or why there can be none. */
export interface PolicyWish {
  readonly policy: NetworkPolicy | undefined;
  readonly noPolicy: string | undefined;
}

/**
 * The policy for a gateway; for `undefined`, for the last good gateway as the ConfigMap remembers it; for `none`, for the
 * control plane only. Without relation and without need for the VPN there is no policy.
 */
export function policyOf(
  facts: Facts,
  to: { gateway: Gateway; method: RoutingMethod } | 'none' | undefined,
): PolicyWish {
  const remembered = to === undefined ? lastGood(facts) : undefined;
  const wanted = facts.related || facts.options.required || remembered;
  if (!wanted) return { policy: undefined, noPolicy: undefined };
  const through = to === 'none' ? undefined : to ? throughOf(to.gateway, to.method) : remembered?.through;
  const plane = controlPlane(facts, to && to !== 'none' ? to.gateway.clusterDns : remembered?.dns);
  const noPolicy = lacking(plane);
  if (noPolicy) return { policy: undefined, noPolicy };
  const { app, namespace, ownerUid } = facts;
  const policy = owned(killSwitchPolicy(app, plane, through), { app, namespace, uid: ownerUid });
  const annotations = { [CONTROLLERS]: [...facts.apiAddresses].sort().join(' ') };
  return { policy: { ...policy, metadata: { ...policy.metadata, annotations } }, noPolicy };
}

function throughOf(gateway: Gateway, method: RoutingMethod): Through {
  return { method, peer: gateway, clusterCidrs: gateway.clusterCidrs };
}

function controlPlane(facts: Facts, dns: Ip | undefined): ControlPlane {
  const before = facts.live.policy?.metadata?.annotations?.[CONTROLLERS]?.split(' ') ?? [];
  return {
    dns: [...(dns === undefined ? [] : [dns]), ...facts.resolvers.values],
    apiServers: [...apiServersOf(facts.slice), ...apiServiceOf(facts.env)],
    controllers: controllersOf([...facts.apiAddresses, ...before]),
  };
}

/** What the ConfigMap remembers of the last good gateway; the pods of now run with it. */
function lastGood({ live }: Facts): { through: Through; dns: Ip } | undefined {
  const settings = parseSettings(live.configMap?.data?.['settings.sh'] ?? '');
  try {
    const method = methodOf(settings.ROUTING_METHOD ?? '');
    const place = splitEndpointsName(parseDnsName(settings.GATEWAY_NAME ?? ''));
    if (!method || !place) return undefined;
    const vxlanPort = parsePort(Number(settings.VXLAN_PORT));
    const clusterCidrs: Cidr[] = parseCidrs(settings.NOT_ROUTED_TO_GATEWAY_CIDRS ?? '');
    const peer: { app: Label; namespace: Label } = place;
    return {
      through: { method, peer: { ...peer, ips: [], vxlanPort }, clusterCidrs },
      dns: parseIp(settings.K8S_DNS_IPS ?? ''),
    };
  } catch {
    return undefined;
  }
}
