/** @module Revisions of a StatefulSet: a name that follows from the pod template, and the object that remembers it. Pure. */

import { createHash } from 'node:crypto';
import type { ControllerRevision, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.js';

/** Letters of generated names: no vowels and nothing that looks like them, as Kubernetes' `rand.SafeEncodeString`. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name part that follows from any JSON value, whatever the order of its keys. */
export function shortHash(value: unknown, length = 10): string {
  const digest = createHash('sha256').update(stableJson(value)).digest();
  return [...digest.subarray(0, length)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${stableJson(item)}`)
    .join(',')}}`;
}

/** The revision name of a template, e.g. `alpha-7859d6db95`. */
export function revisionName(set: StatefulSet): string {
  return `${set.metadata?.name}-${shortHash(set.spec?.template)}`;
}

/** The object that keeps the template of the set's present revision. */
export function revisionOf(set: StatefulSet, number: number): ControllerRevision {
  const { name = '', namespace = '', uid = '' } = set.metadata ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(set),
      namespace,
      labels: {
        ...set.spec?.template.metadata?.labels,
        'controller.kubernetes.io/hash': shortHash(set.spec?.template),
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    data: { spec: { template: { ...set.spec?.template, $patch: 'replace' } } } as unknown as Record<string, never>,
    revision: number,
  };
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const data = revision.data as unknown as { spec: { template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = data.spec.template;
  return template;
}
