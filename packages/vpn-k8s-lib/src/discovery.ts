/** @module Where the control plane is: cluster DNS, API server, Juju controller. Every answer says how it was found. */
import { isIP } from 'node:net';
import { hostCidr, type Ip, isOwnUse, type Label, parseIp, parsePort } from '@vpn-k8s/net';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Endpoint } from './policy/egress.ts';

/** Something that was found, and how. */
export interface Found<T> {
  readonly values: readonly T[];
  /** For people: `configuration`, `relation`, `/etc/resolv.conf`, ... */
  readonly how: string;
}

/**
 * One line for the log.
 * @example foundText('cluster DNS', { values: [ip], how: '/etc/resolv.conf' }) // 'cluster DNS: 10.152.183.10 (/etc/resolv.conf)'
 */
export function foundText(what: string, { values, how }: Found<string>): string {
  return `${what}: ${values.length > 0 ? values.join(' ') : 'not found'} (${how})`;
}

/**
 * The nameservers of a resolv.conf that lie in private space: a pod that asks a public resolver directly is not a reason to
 * let DNS out to it.
 */
export function resolversOf(resolvConf: string): Ip[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .flatMap(([, text = '']) => addressOf(text))
    .filter((ip) => !isLoopback(ip) && isOwnUse(hostCidr(ip)));
}

/** Addresses of the cluster's resolver by its Services (`k8s-app=kube-dns` in every distribution); headless ones have none. */
export function resolversOfServices(services: readonly Service[]): Ip[] {
  return services.flatMap(({ spec }) => (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).flatMap(addressOf)).sort();
}

/** Every ready address of the API server, as EndpointSlice default/kubernetes names them. */
export function apiServersOf(slice: EndpointSlice | undefined): Endpoint[] {
  const ports = (slice?.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [parsePort(port)]));
  const addresses = (slice?.endpoints ?? []).flatMap((endpoint) => endpoint.addresses).flatMap(addressOf);
  return addresses.flatMap((to) => ports.map((port) => ({ to, port })));
}

/** The API server as every container is told about it: the Service's own address. */
export function apiServiceOf(env: Readonly<Record<string, string | undefined>>): Endpoint[] {
  const port = Number(env.KUBERNETES_SERVICE_PORT ?? 443);
  const addresses = addressOf(env.KUBERNETES_SERVICE_HOST ?? '').filter((ip) => !isLoopback(ip));
  return addresses.map((to) => ({ to, port: parsePort(port) }));
}

/**
 * The Juju controllers of `JUJU_API_ADDRESSES`: addresses, or names of Services in this cluster, for which their namespace is
 * let in; other names cannot stand in a policy and are left out.
 * @example controllersOf(['10.152.183.11:17070'])
 */
export function controllersOf(addresses: readonly string[]): Endpoint[] {
  return addresses.flatMap((address) => {
    const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(address) ?? [];
    const to = isIP(host) ? addressOf(host)[0] : inCluster(host);
    return to === undefined ? [] : [{ to, port: parsePort(Number(port)) }];
  });
}

/** No policy has a say over what stays in the pod. */
function isLoopback(ip: Ip): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

function inCluster(host: string): { namespace: Label } | undefined {
  const [, namespace] = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc(\.|$)/.exec(host) ?? [];
  return namespace === undefined ? undefined : { namespace: namespace as Label };
}

function addressOf(text: string): Ip[] {
  try {
    return [parseIp(text)];
  } catch {
    return [];
  }
}
