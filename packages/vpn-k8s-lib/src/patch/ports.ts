/** @module The ports of a pod on which new connections from the cluster are taken. */
import { type Port, parsePort } from '@vpn-k8s/net';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Probe } from 'kubernetes-types/core/v1.js';

/**
 * The charm's own ports and those that the kubelet probes (Juju gives every container its Pebble's port), sorted.
 * @throws Refusal for a number that is not a port
 */
export function openPorts(statefulSet: StatefulSet, own: readonly number[]): Port[] {
  const containers = statefulSet.spec?.template.spec?.containers ?? [];
  const probed = containers
    .flatMap(({ startupProbe, livenessProbe, readinessProbe }) => [startupProbe, livenessProbe, readinessProbe])
    .flatMap(probePort);
  return [...new Set([...probed, ...own])].sort((a, b) => a - b).map(parsePort);
}

function probePort(probe: Probe | undefined): number[] {
  const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
  return typeof port === 'number' ? [port] : [];
}
