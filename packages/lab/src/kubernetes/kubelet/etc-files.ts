/** @module /etc/hosts, /etc/resolv.conf and /etc/hostname of a pod. Pure. */

import type { Pod } from 'kubernetes-types/core/v1.js';
import { ConfigError } from './env.ts';

/** What the node knows about names. */
export interface Naming {
  /** ClusterIP of the cluster's DNS, e.g. `10.152.183.10`. */
  readonly clusterDns: string;
  /** e.g. `cluster.local`. */
  readonly clusterDomain: string;
  /** The node's own /etc/resolv.conf, for dnsPolicy Default. */
  readonly nodeResolvConf: string;
}

/** The pod's host name: `spec.hostname`, else its name. */
export function podHostname(pod: Pod): string {
  return (pod.spec?.hostname ?? pod.metadata?.name ?? '').slice(0, 63);
}

/** The pod's /etc/hosts, in the kubelet's words. */
export function hostsFile(pod: Pod, address: string, { clusterDomain }: Naming): string {
  const name = podHostname(pod);
  const { subdomain, hostAliases = [] } = pod.spec ?? {};
  const full = subdomain ? `${name}.${subdomain}.${pod.metadata?.namespace}.svc.${clusterDomain}\t` : '';
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${address}\t${full}${name}`,
    ...(hostAliases.length > 0 ? ['', '# Entries added by HostAliases.'] : []),
    ...hostAliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The pod's /etc/resolv.conf by dnsPolicy and dnsConfig. @throws ConfigError for a policy that is not known */
export function resolvConf(pod: Pod, naming: Naming): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {} } = pod.spec ?? {};
  const base = baseResolver(pod, dnsPolicy, naming);
  const options = new Map(base.options.map((option) => [option.split(':')[0] as string, option]));
  for (const { name = '', value } of dnsConfig.options ?? []) {
    options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  const search = unique([...base.search, ...(dnsConfig.searches ?? [])]);
  const lines = [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...unique([...base.servers, ...(dnsConfig.nameservers ?? [])]).map((server) => `nameserver ${server}`),
    ...(options.size > 0 ? [`options ${[...options.values()].join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function baseResolver(
  pod: Pod,
  policy: string,
  naming: Naming,
): { servers: string[]; search: string[]; options: string[] } {
  switch (policy) {
    case 'None':
      return { servers: [], search: [], options: [] };
    case 'Default':
      return parseResolvConf(naming.nodeResolvConf);
    case 'ClusterFirst':
    case 'ClusterFirstWithHostNet': {
      const domain = naming.clusterDomain;
      const search = [`${pod.metadata?.namespace}.svc.${domain}`, `svc.${domain}`, domain];
      return { servers: [naming.clusterDns], search, options: ['ndots:5'] };
    }
    default:
      throw new ConfigError(`dnsPolicy "${String(policy).slice(0, 60)}" is not ClusterFirst, Default or None`);
  }
}

function parseResolvConf(text: string): { servers: string[]; search: string[]; options: string[] } {
  const words = (keyword: string) =>
    text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([first]) => first === keyword)
      .flatMap((line) => line.slice(1));
  return { servers: words('nameserver'), search: words('search'), options: words('options') };
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
