/** @module Pure: the StatefulSet that Juju 4.0.15 makes of an application (compared with the recorded objects). */

import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import { type Application, type Model, unitsOf } from '../model/state.ts';
import { annotations, claimName, type ModelContext, metadata, selector } from './names.ts';
import { podSpec } from './pod-spec.ts';

/** The StatefulSet of an application with all its containers. */
export function statefulSet(application: Application, context: ModelContext): StatefulSet {
  const meta = metadata(application, application.name, context);
  const claims = claimTemplates(application, context);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...meta, annotations: { ...meta.annotations, 'app.juju.is/uuid': application.uniqueId } },
    spec: {
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      podManagementPolicy: 'Parallel',
      replicas: wantedReplicas(application, context.model),
      revisionHistoryLimit: 10,
      selector: { matchLabels: selector(application.name) },
      serviceName: `${application.name}-endpoints`,
      template: {
        metadata: { annotations: annotations(context), labels: selector(application.name) },
        spec: podSpec(application, context),
      },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...(claims.length > 0 ? { volumeClaimTemplates: claims } : {}),
    },
  };
}

/** Pods stay until their units have run remove: the scale, or more while units are dying. */
export function wantedReplicas(application: Application, model: Model): number {
  return Math.max(application.scale, ...unitsOf(model, application.name).map((unit) => unit.number + 1));
}

function claimTemplates(application: Application, context: ModelContext): PersistentVolumeClaim[] {
  return application.charm.metadata.storage.map(({ name }) => {
    const { 'juju.is/version': _, ...ids } = annotations(context);
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        annotations: { ...ids, 'juju-storage-owner': application.name, 'storage.juju.is/name': name },
        labels: { 'app.kubernetes.io/managed-by': 'juju', 'storage.juju.is/name': name },
        name: claimName(application, name),
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: quantity(application.storage[name]?.size ?? '1G') } },
        volumeMode: 'Filesystem',
      },
    };
  });
}

/** Juju's sizes (`1G`, `512M`) are binary. */
function quantity(size: string): string {
  const match = /^(\d+(?:\.\d+)?)([MGTP])?(?:iB|B|i)?$/.exec(size);
  if (!match) throw new Error(`storage size "${size.slice(0, 60)}" is not a number with M, G, T or P`);
  return `${match[1]}${match[2] ?? 'M'}i`;
}
