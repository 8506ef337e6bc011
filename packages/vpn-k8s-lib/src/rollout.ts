/** @module Whether a StatefulSet's pods are all of its newest template. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';

/**
 * True when the controller has seen the newest template and every pod is made from it; they need not be ready. Why not by the
 * revisions: `currentRevision` follows only once all are ready, which is after the new pod's first hooks.
 */
export function rolledOut({ metadata, spec, status }: StatefulSet): boolean {
  const wanted = spec?.replicas ?? 1;
  const seen = status?.observedGeneration !== undefined && status.observedGeneration >= (metadata?.generation ?? 0);
  return seen && (status.replicas ?? 0) === wanted && (status.updatedReplicas ?? 0) === wanted;
}
