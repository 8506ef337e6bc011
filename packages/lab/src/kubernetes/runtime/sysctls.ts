/** @module Sysctls of a pod: the safe ones and those that the node allows, written in the pod's network namespace. */

import { spawnSync } from 'node:child_process';
import type { Pod } from 'kubernetes-types/core/v1.js';

/** Namespaced and harmless (https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls). */
const SAFE = [
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** Why the node never runs a pod. */
export interface SysctlRefusal {
  readonly reason: 'SysctlForbidden';
  readonly message: string;
}

/** The refusal of a pod that asks for a sysctl which is neither safe nor allowed; undefined when there is none. */
export function sysctlRefusal(pod: Pod, allowed: readonly string[]): SysctlRefusal | undefined {
  const asked = pod.spec?.securityContext?.sysctls ?? [];
  const bad = asked.find(({ name }) => !SAFE.includes(name) && !allowed.some((pattern) => matches(pattern, name)));
  return bad && { reason: 'SysctlForbidden', message: `forbidden sysctl: "${bad.name}" not allowlisted` };
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Writes sysctls of `net.*` into a network namespace. @throws Error with what sysctl(8) said */
export function applySysctls(netns: string, sysctls: readonly { name: string; value: string }[]): void {
  for (const { name, value } of sysctls) {
    const result = spawnSync('nsenter', [`--net=${netns}`, 'sysctl', '-qw', `${name}=${value}`], { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`sysctl ${name}=${value}: ${result.stderr.trim()}`);
  }
}
