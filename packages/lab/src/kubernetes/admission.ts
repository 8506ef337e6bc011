/** @module Switches that make a namespace refuse pods, in the words of the real plug-ins: a full quota, Pod Security. */

import { pods } from '@vpn-k8s/kube';
import { type Admission, refuse } from '@vpn-k8s/kube-testing';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';

const CREATE = { operations: ['CREATE'], resource: pods } as const;

/**
 * Refuses every further pod of a namespace as a quota of `limit` pods does that is used up.
 * @returns the function that lifts it
 */
export function fillQuota(admission: Admission, namespace: string, limit: number): () => void {
  return admission.add(CREATE, (request) => {
    if (request.namespace !== namespace) return;
    const used = `requested: pods=1, used: pods=${limit}, limited: pods=${limit}`;
    throw refuse(request, `exceeded quota: lab-pods, ${used}`);
  });
}

/**
 * Enforces the Pod Security Standard `baseline` in a namespace.
 * @returns the function that lifts it
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export function enforceBaseline(admission: Admission, namespace: string): () => void {
  return admission.add(CREATE, (request) => {
    if (request.namespace !== namespace || !request.object) return;
    const violations = baselineViolations(request.object as unknown as Pod);
    if (violations.length > 0)
      throw refuse(request, `violates PodSecurity "baseline:latest": ${violations.join(', ')}`);
  });
}

/** What baseline lets a container add. */
const ALLOWED = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Why a pod does not meet baseline, in the order and words of the admission plug-in; what this project's pods could break. */
export function baselineViolations(pod: Pod): string[] {
  const { hostNetwork, hostPID, hostIPC, volumes = [], securityContext } = pod.spec ?? {};
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const spaces = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, on]) => on);
  const paths = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  const sysctls = (securityContext?.sysctls ?? [])
    .map(({ name }) => name)
    .filter((name) => !SAFE_SYSCTLS.includes(name));
  return [
    ...capabilityViolation(containers),
    ...spaces.map(([name]) => `host namespaces (${name}=true)`),
    ...(paths.length > 0 ? [`hostPath volumes (${named('volume', paths)})`] : []),
    ...privilegedViolation(containers),
    ...(sysctls.length > 0 ? [`forbidden sysctls (${sysctls.join(', ')})`] : []),
  ];
}

const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

function capabilityViolation(containers: readonly Container[]): string[] {
  const added = (container: Container) =>
    (container.securityContext?.capabilities?.add ?? []).filter((name) => !ALLOWED.includes(name));
  const bad = containers.filter((container) => added(container).length > 0);
  if (bad.length === 0) return [];
  const names = [...new Set(bad.flatMap(added))].sort().map((name) => `"${name}"`);
  const who = named(
    'container',
    bad.map(({ name }) => name),
  );
  return [`non-default capabilities (${who} must not include ${names.join(', ')} in securityContext.capabilities.add)`];
}

function privilegedViolation(containers: readonly Container[]): string[] {
  const bad = containers.filter(({ securityContext }) => securityContext?.privileged).map(({ name }) => name);
  return bad.length > 0 ? [`privileged (${named('container', bad)} must not set securityContext.privileged=true)`] : [];
}

function named(kind: string, names: readonly string[]): string {
  return `${kind}${names.length > 1 ? 's' : ''} ${names.map((name) => `"${name}"`).join(', ')}`;
}
