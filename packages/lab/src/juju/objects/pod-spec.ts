/** @module Pure: the pod template's spec: charm-init, charm, and one container per metadata `containers:` entry. */

import type { Container, PodSpec, Probe, SecurityContext, VolumeMount } from 'kubernetes-types/core/v1.js';
import type { ContainerSpec } from '../charm/metadata.ts';
import type { Application } from '../model/state.ts';
import { claimName, type ModelContext } from './names.ts';

const DATA = '/var/lib/juju';
const IDENTITIES = '/charm/etc/pebble/identities.yaml';
/** Users of charm-base: juju and sjuju. */
const USERS = { 'non-root': 170, sudoer: 171, root: 0 } as const;
const FS_GROUP = 170;
const ARCHITECTURE = { x64: 'amd64', arm64: 'arm64' } as const;

/** The pod spec of an application's template. */
export function podSpec(application: Application, context: ModelContext): PodSpec {
  const { containers } = application.charm.metadata;
  return {
    automountServiceAccountToken: true,
    containers: [charm(application, context), ...containers.map((spec, n) => workload(application, spec, n))],
    initContainers: [charmInit(application, context)],
    nodeSelector: { 'kubernetes.io/arch': ARCHITECTURE[process.arch as keyof typeof ARCHITECTURE] ?? 'amd64' },
    ...(explicitUsers(application) ? { securityContext: { fsGroup: FS_GROUP, supplementalGroups: [FS_GROUP] } } : {}),
    serviceAccountName: application.name,
    terminationGracePeriodSeconds: 30,
    volumes: [{ name: 'charm-data', emptyDir: {} }],
  };
}

/** Whether the charm says as whom something runs; without it everything is root. */
function explicitUsers({ charm }: Application): boolean {
  return (
    charm.metadata.charmUser !== undefined ||
    charm.metadata.containers.some((c) => c.uid !== undefined || c.gid !== undefined)
  );
}

function charmUid({ charm }: Application): number {
  return USERS[charm.metadata.charmUser ?? 'root'];
}

function asUser(id: number): SecurityContext {
  return { runAsUser: id, runAsGroup: id };
}

function names({ charm }: Application): string {
  return charm.metadata.containers.map((c) => c.name).join(',');
}

function charmInit(application: Application, context: ModelContext): Container {
  const uid = charmUid(application);
  const identities = uid === 0 ? [] : ['--pebble-identities-file', IDENTITIES, '--pebble-charm-identity', String(uid)];
  return {
    name: 'charm-init',
    image: `${context.imageRepo}/jujud-operator:${context.model.version}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['/opt/containeragent'],
    args: [
      ...['init', '--containeragent-pebble-dir', '/containeragent/pebble'],
      ...['--charm-modified-version', String(application.charmModified), '--data-dir', DATA, '--bin-dir', '/charm/bin'],
      ...['--profile-dir', '/containeragent/etc/profile.d', ...identities],
    ],
    env: [
      { name: 'JUJU_CONTAINER_NAMES', value: names(application) },
      { name: 'JUJU_K8S_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'JUJU_K8S_POD_UUID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    ],
    envFrom: [{ secretRef: { name: `${application.name}-application-config` } }],
    ...(explicitUsers(application) ? { securityContext: asUser(uid) } : {}),
    volumeMounts: [
      data(DATA),
      data('/charm/bin'),
      data('/charm/containers'),
      data('/containeragent/pebble'),
      data('/containeragent/etc/profile.d'),
      ...(uid === 0 ? [] : [{ ...data('/charm/etc/pebble/'), subPath: 'charm/etc/pebble/' }]),
    ],
    workingDir: DATA,
  };
}

function charm(application: Application, context: ModelContext): Container {
  const { name, channel } = application.charm.base;
  return {
    name: 'charm',
    image: `${context.imageRepo}/charm-base:${name}-${channel}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['/charm/bin/pebble'],
    args: ['run', '--http', ':38812', '--verbose'],
    env: [
      { name: 'JUJU_CONTAINER_NAMES', value: names(application) },
      { name: 'HTTP_PROBE_PORT', value: '3856' },
    ],
    ...probes(38812),
    resources: { requests: { memory: '64Mi' }, limits: { memory: '1Gi' } },
    securityContext: asUser(charmUid(application)),
    volumeMounts: [...charmMounts(), ...storageMounts(application)],
    workingDir: DATA,
  };
}

function charmMounts(): VolumeMount[] {
  const agent = { readOnly: true, subPath: 'charm/bin/containeragent' };
  return [
    { ...data('/charm/bin'), readOnly: true },
    data(DATA),
    data('/charm/containers'),
    { ...data('/var/lib/pebble/default'), subPath: 'containeragent/pebble' },
    { ...data('/var/log/juju'), subPath: 'containeragent/var/log/juju' },
    { ...data('/usr/bin/juju-introspect'), ...agent },
    { ...data('/usr/bin/juju-exec'), ...agent },
    {
      ...data('/etc/profile.d/juju-introspection.sh'),
      readOnly: true,
      subPath: 'containeragent/etc/profile.d/juju-introspection.sh',
    },
  ];
}

function storageMounts(application: Application): VolumeMount[] {
  return application.charm.metadata.storage.map(({ name }) => ({
    mountPath: `${DATA}/storage/${name}-0`,
    name: claimName(application, name),
  }));
}

function workload(application: Application, spec: ContainerSpec, index: number): Container {
  const port = 38813 + index;
  const identities = charmUid(application) === 0 ? [] : ['--identities', IDENTITIES];
  return {
    name: spec.name,
    image: application.resources[spec.resource ?? ''] ?? '',
    imagePullPolicy: 'IfNotPresent',
    command: ['/charm/bin/pebble'],
    args: ['run', '--create-dirs', '--hold', '--http', `:${port}`, '--verbose', ...identities],
    env: [
      { name: 'JUJU_CONTAINER_NAME', value: spec.name },
      { name: 'PEBBLE_SOCKET', value: '/charm/container/pebble.socket' },
      { name: 'PEBBLE', value: '/charm/container/pebble' },
      { name: 'PEBBLE_COPY_ONCE', value: '/var/lib/pebble/default' },
    ],
    ...probes(port),
    securityContext: workloadUser(application, spec),
    volumeMounts: [
      { ...data('/charm/bin/pebble'), readOnly: true },
      { ...data('/charm/container'), subPath: `charm/containers/${spec.name}` },
      ...(identities.length === 0 ? [] : [{ ...data(IDENTITIES), readOnly: true }]),
      ...spec.mounts.map(({ storage, location }) => ({ mountPath: location, name: claimName(application, storage) })),
    ],
  };
}

function workloadUser(application: Application, { uid, gid }: ContainerSpec): SecurityContext {
  if (!explicitUsers(application)) return asUser(0);
  return { ...(uid === undefined ? {} : { runAsUser: uid }), ...(gid === undefined ? {} : { runAsGroup: gid }) };
}

function data(mountPath: string): VolumeMount {
  return { mountPath, name: 'charm-data', subPath: mountPath.slice(1) };
}

function probes(port: number): Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe'> {
  const probe = (level: string, periodSeconds: number, failureThreshold: number): Probe => ({
    httpGet: { path: `/v1/health?level=${level}`, port, scheme: 'HTTP' },
    ...{ periodSeconds, failureThreshold, successThreshold: 1, timeoutSeconds: 1 },
  });
  return {
    livenessProbe: probe('alive', 5, 3),
    readinessProbe: probe('ready', 5, 1),
    startupProbe: probe('alive', 1, 30),
  };
}
