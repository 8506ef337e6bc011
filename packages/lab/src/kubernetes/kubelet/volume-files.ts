/** @module What a configMap, secret, downwardAPI or projected volume contains: path to content and mode. Pure. */

import type { ConfigMap, KeyToPath, Pod, Secret, Volume, VolumeProjection } from 'kubernetes-types/core/v1.js';
import { type PodPlace, podField } from './field.ts';

/** One file of a volume. */
export interface VolumeFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** Files of a volume by path inside it. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

/** What volumes are filled from. */
export interface VolumeSources extends PodPlace {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  /** A token of the pod's ServiceAccount. */
  token(): string;
}

/** An object that a volume needs and that is not there: the pod stays in ContainerCreating (event FailedMount). */
export class MountFailed extends Error {}

type Source = VolumeProjection & { downwardAPI?: { items?: { path: string; fieldRef?: { fieldPath: string } }[] } };

/**
 * The files of a volume that is filled from objects, undefined for any other kind of volume.
 * @throws MountFailed when an object or key is missing and not optional
 */
export function volumeFiles(volume: Volume, pod: Pod, sources: VolumeSources): VolumeFiles | undefined {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode =
    configMap?.defaultMode ?? secret?.defaultMode ?? downwardAPI?.defaultMode ?? projected?.defaultMode ?? 0o644;
  const parts: Source[] | undefined = projected
    ? projected.sources
    : configMap
      ? [{ configMap }]
      : secret
        ? [{ secret: { ...secret, name: secret.secretName ?? '' } }]
        : downwardAPI && [{ downwardAPI } as Source];
  if (!parts) return undefined;
  return new Map(parts.flatMap((part) => [...partFiles(part, mode, pod, sources)]));
}

function partFiles(part: Source, mode: number, pod: Pod, sources: VolumeSources): [string, VolumeFile][] {
  if (part.serviceAccountToken)
    return [[part.serviceAccountToken.path, { content: Buffer.from(sources.token()), mode }]];
  if (part.downwardAPI) {
    const items = part.downwardAPI.items ?? [];
    return items.map(({ path, fieldRef }) => {
      return [path, { content: Buffer.from(podField(pod, fieldRef?.fieldPath ?? '', sources)), mode }];
    });
  }
  const reference = part.configMap ?? part.secret;
  if (!reference) throw new MountFailed(`this kubelet does not know the projection ${Object.keys(part).join(', ')}`);
  const data = part.configMap
    ? configMapData(sources.configMap(reference.name ?? ''))
    : secretData(sources.secret(reference.name ?? ''));
  return keyFiles(part.configMap ? 'configmap' : 'secret', reference, data, mode);
}

function keyFiles(
  kind: string,
  reference: { name?: string; optional?: boolean; items?: KeyToPath[] },
  data: Map<string, Buffer> | undefined,
  mode: number,
): [string, VolumeFile][] {
  if (!data && !reference.optional) throw new MountFailed(`${kind} "${reference.name}" not found`);
  if (!data) return [];
  if (!reference.items) return [...data].map(([key, content]) => [key, { content, mode }]);
  return reference.items.flatMap((item): [string, VolumeFile][] => {
    const content = data.get(item.key);
    if (content) return [[item.path, { content, mode: item.mode ?? mode }]];
    if (reference.optional) return [];
    throw new MountFailed(`${kind} references non-existent ${kind} key: ${item.key}`);
  });
}

function configMapData(map: ConfigMap | undefined): Map<string, Buffer> | undefined {
  if (!map) return undefined;
  const text = Object.entries(map.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  const binary = Object.entries(map.binaryData ?? {}).map(
    ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
  );
  return new Map([...text, ...binary]);
}

function secretData(secret: Secret | undefined): Map<string, Buffer> | undefined {
  if (!secret) return undefined;
  return new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}
