/** @module What a gateway publishes to one client. */
import { endpointsName, parseIp, parseLabel } from '@vpn-k8s/net';
import type { ClientRead } from '../relation/client.ts';
import { SCHEMA_VERSION } from '../relation/schema.ts';
import { providerText } from '../relation/write.ts';
import type { Config } from './config.ts';
import type { Facts } from './gather.ts';

/**
 * The text for one relation. `vpn_connected` is true only when the tunnel is up and the overlay of this pod is proven: a client
 * must not be told to start while the way is only half there.
 * @param ready the agent of this pod has made the current configuration, and its own probe went through the tunnel
 */
export function relationTextFor(facts: Facts, config: Config, read: ClientRead, ready: boolean): string {
  const { app, namespace, view, live } = facts;
  const label = parseLabel(app);
  const connected = view.connected && ready;
  const client = read.kind === 'client' ? read.client.instanceName : undefined;
  const forwarded = client === undefined ? undefined : view.forwardedPorts?.[client];
  const ips = (live.pod?.status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [parseIp(ip)]));
  return providerText({
    routing_method: 'pod-gateway',
    gateway_dns_name: endpointsName(label, parseLabel(namespace), config.clusterDomain),
    vxlan_id: config.vni,
    vxlan_ip_network: config.overlay,
    vxlan_port: config.vxlanPort,
    cluster_cidrs: config.clusterCidrs.join(','),
    cluster_dns_ip: config.clusterDns[0] as string,
    vpn_connected: connected,
    external_ip: connected ? view.externalIp : null,
    instance_name: app,
    schema_version: SCHEMA_VERSION,
    ...(config.mtu === undefined ? {} : { mtu: config.mtu }),
    ...(ips.length > 0 ? { gateway_ips: ips } : {}),
    gateway_namespace: namespace,
    gateway_app: app,
    dns_ip: `${config.overlay}.1`,
    cluster_domain: config.clusterDomain,
    ...(forwarded ? { forwarded_ports: [...forwarded].sort((a, b) => a - b) } : {}),
    ...(connected && view.location ? { location: view.location } : {}),
  });
}
