/** @module Writes an application's objects the way Juju does: get, overwrite in memory, strategic patch of the whole object. */

import { randomBytes } from 'node:crypto';
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  type KubeClient,
  type KubeObject,
  persistentVolumeClaims,
  type Resource,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import { type Application, unitsOf } from '../model/state.ts';
import { clusterName, clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount } from './access.ts';
import type { ModelContext } from './names.ts';
import { configSecret, endpointsService, service, servicePorts } from './services.ts';
import { statefulSet, wantedReplicas } from './stateful-set.ts';

const MANAGER = 'juju';

/** Creates or updates all objects of an application; a 409 is answered by trying again, as Juju's worker does. */
export async function ensureObjects(
  kube: KubeClient,
  application: Application,
  context: ModelContext,
  password = randomBytes(12).toString('hex'),
): Promise<void> {
  const namespace = context.model.name;
  const put = <T extends KubeObject>(resource: Resource<T>, object: T) =>
    ensure(kube, resource, object, resource.namespaced ? namespace : undefined);
  await put(secrets, configSecret(application, context, password));
  await put(serviceAccounts, serviceAccount(application, context));
  await put(roles, role(application, context));
  await put(roleBindings, roleBinding(application, context));
  await put(clusterRoles, clusterRole(application, context));
  await put(clusterRoleBindings, clusterRoleBinding(application, context));
  await ensureService(kube, application, context);
  await put(services, endpointsService(application, context));
  await put(statefulSets, statefulSet(application, context));
}

/** Only the roles, as `juju trust` does. */
export async function ensureAccess(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  await ensure(kube, roles, role(application, context), context.model.name);
  await ensure(kube, clusterRoles, clusterRole(application, context), undefined);
}

/** The replicas alone, by a merge patch. */
export async function ensureScale(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  const options = { type: 'merge', namespace: context.model.name, fieldManager: MANAGER } as const;
  await kube.patch(
    statefulSets,
    application.name,
    { spec: { replicas: wantedReplicas(application, context.model) } },
    options,
  );
}

/** Puts the ports that units have opened into the Service, by a merge patch, if they differ. Also tells the ClusterIP. */
export async function ensurePorts(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  const namespace = context.model.name;
  const live = await kube.get(services, application.name, { namespace });
  if (!live) return;
  application.clusterIp = live.spec?.clusterIP ?? '';
  const ports = servicePorts(live.spec?.ports ?? [], unitsOf(context.model, application.name));
  if (JSON.stringify(ports.map(portKey)) === JSON.stringify((live.spec?.ports ?? []).map(portKey))) return;
  await kube.patch(
    services,
    application.name,
    { spec: { ports } },
    { type: 'merge', namespace, fieldManager: MANAGER },
  );
}

function portKey({ name, port, protocol }: { name?: string; port: number; protocol?: string }): string {
  return `${name} ${port} ${protocol}`;
}

/** Why: the Service's ports belong to open-port; Juju sets type and selector again, not the ports. */
async function ensureService(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  const namespace = context.model.name;
  const wanted = service(application, context);
  const live = await kube.get(services, application.name, { namespace });
  const ports = live?.spec?.ports ?? wanted.spec?.ports ?? [];
  const made = await ensure(kube, services, { ...wanted, spec: { ...wanted.spec, ports } }, namespace);
  application.clusterIp = made.spec?.clusterIP ?? '';
}

async function ensure<T extends KubeObject>(
  kube: KubeClient,
  resource: Resource<T>,
  object: T,
  namespace: string | undefined,
): Promise<T> {
  const options = { namespace, fieldManager: MANAGER };
  const name = object.metadata?.name ?? '';
  for (let tries = 0; ; tries++) {
    const live = await kube.get(resource, name, { namespace });
    try {
      if (!live) return await kube.create(resource, object, options);
      return await kube.patch(resource, name, overwritten(live, object) as never, { ...options, type: 'strategic' });
    } catch (error) {
      if (tries >= 5 || ![404, 409].includes((error as { code?: number }).code ?? 0)) throw error;
    }
  }
}

/** The live object with everything that Juju sets put over it; resourceVersion stays, so that a race is a conflict. */
function overwritten<T extends KubeObject>(live: T, wanted: T): T {
  const metadata = {
    ...wanted.metadata,
    resourceVersion: live.metadata?.resourceVersion,
    annotations: { ...live.metadata?.annotations, ...wanted.metadata?.annotations },
    labels: { ...live.metadata?.labels, ...wanted.metadata?.labels },
  };
  const spec = (wanted as { spec?: Record<string, unknown> }).spec;
  if (wanted.kind !== 'StatefulSet' || !spec) return { ...wanted, metadata } as T;
  // Why: claim templates, selector and names are fixed once a StatefulSet exists; Juju leaves them out as well.
  const { persistentVolumeClaimRetentionPolicy, replicas, template, updateStrategy } = spec;
  return {
    ...wanted,
    metadata,
    spec: { persistentVolumeClaimRetentionPolicy, replicas, template, updateStrategy },
  } as T;
}

const OWNED: readonly Resource<KubeObject>[] = [
  statefulSets,
  services,
  secrets,
  configMaps,
  roleBindings,
  roles,
  serviceAccounts,
] as readonly Resource<KubeObject>[];
const CLUSTER_OWNED = [clusterRoleBindings, clusterRoles] as readonly Resource<KubeObject>[];

/** Takes everything of an application away: its own objects, and what the webhook labelled as made by it. */
export async function removeObjects(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  const namespace = context.model.name;
  const own = `app.kubernetes.io/name=${application.name},app.kubernetes.io/managed-by=juju`;
  const made = `app.juju.is/created-by=${application.name}`;
  for (const resource of OWNED) {
    for (const labelSelector of [own, made]) {
      for (const object of await kube.list(resource, { namespace, labelSelector }))
        await drop(kube, resource, object, namespace);
    }
  }
  for (const resource of CLUSTER_OWNED) {
    for (const object of await kube.list(resource, { labelSelector: made }))
      await drop(kube, resource, object, undefined);
    await kube.delete(resource, clusterName(application, context));
  }
}

/** Claims of a removed application, as `--destroy-storage` takes them. */
export async function removeClaims(kube: KubeClient, application: Application, context: ModelContext): Promise<void> {
  const namespace = context.model.name;
  for (const claim of await kube.list(persistentVolumeClaims, { namespace })) {
    if (claim.metadata?.annotations?.['juju-storage-owner'] === application.name)
      await drop(kube, persistentVolumeClaims, claim, namespace);
  }
}

async function drop(
  kube: KubeClient,
  resource: Resource<KubeObject>,
  object: KubeObject,
  namespace: string | undefined,
): Promise<void> {
  await kube.delete(resource, object.metadata?.name ?? '', { namespace });
}
