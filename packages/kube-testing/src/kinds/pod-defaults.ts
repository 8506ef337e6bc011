/** @module Fills in pods and pod templates as the real server does (pkg/apis/core/v1/defaults.go); checked with objects that Juju made. */
import { isObject, type Json } from '../store/clone.ts';

/** Sets missing fields. */
export function fill(target: Json, defaults: Json): void {
  for (const [key, value] of Object.entries(defaults)) target[key] ??= value;
}

/** The child object, made when missing. */
export function child(parent: Json, key: string): Json {
  parent[key] ??= {};
  return parent[key] as Json;
}

/** The items of a list of objects, none when missing. */
export const items = (parent: unknown, key: string): Json[] =>
  isObject(parent) && Array.isArray(parent[key]) ? (parent[key] as Json[]) : [];

/** Defaults of `spec` in a pod or template. */
export function podSpecDefaults(spec: Json): void {
  fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const container of containersOf(spec)) containerDefaults(container, spec);
  for (const volume of items(spec, 'volumes')) volumeDefaults(volume);
}

/** All containers of a pod's spec, init containers first. */
export const containersOf = (spec: unknown): Json[] => [
  ...items(spec, 'initContainers'),
  ...items(spec, 'containers'),
  ...items(spec, 'ephemeralContainers'),
];

function containerDefaults(container: Json, spec: Json): void {
  fill(container, {
    imagePullPolicy: pullPolicy(String(container.image ?? '')),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  for (const port of items(container, 'ports')) {
    fill(port, { protocol: 'TCP', ...(spec.hostNetwork === true && { hostPort: port.containerPort }) });
  }
  for (const entry of items(container, 'env')) fieldRefDefaults(entry.valueFrom);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) probeDefaults(container[probe]);
  for (const hook of Object.values((container.lifecycle ?? {}) as Json)) httpGetDefaults(hook);
}

function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function fieldRefDefaults(source: unknown): void {
  if (isObject(source) && isObject(source.fieldRef)) fill(source.fieldRef, { apiVersion: 'v1' });
}

function probeDefaults(probe: unknown): void {
  if (!isObject(probe)) return;
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  httpGetDefaults(probe);
}

function httpGetDefaults(action: unknown): void {
  if (isObject(action) && isObject(action.httpGet)) fill(action.httpGet, { path: '/', scheme: 'HTTP' });
}

function volumeDefaults(volume: Json): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const source of ['configMap', 'secret', 'downwardAPI', 'projected']) {
    if (isObject(volume[source])) fill(volume[source], { defaultMode: 420 });
  }
  if (isObject(volume.hostPath)) fill(volume.hostPath, { type: '' });
  for (const item of items(volume.downwardAPI, 'items')) fieldRefDefaults(item);
  for (const source of items(volume.projected, 'sources')) projectedDefaults(source);
}

function projectedDefaults(source: Json): void {
  if (isObject(source.serviceAccountToken)) fill(source.serviceAccountToken, { expirationSeconds: 3600 });
  for (const item of items(source.downwardAPI, 'items')) fieldRefDefaults(item);
}

/** Defaults that only a pod has, not a template: links, and requests that follow from limits. */
export function podDefaults(pod: Json): void {
  const spec = child(pod, 'spec');
  podSpecDefaults(spec);
  fill(spec, { enableServiceLinks: true });
  for (const container of containersOf(spec)) {
    const resources = container.resources as Json;
    if (isObject(resources.limits)) resources.requests = { ...resources.limits, ...(resources.requests as Json) };
  }
}
