/** @module The downward API: fields of a pod as text, and `$(NAME)` in commands. */

import type { Pod } from 'kubernetes-types/core/v1.js';

/** What of a pod is known before its status has been written. */
export interface PodPlace {
  readonly podIp: string;
  readonly hostIp: string;
}

/**
 * A pod's field as environment variables and downward API files carry it.
 * @throws Error for a path that the kubelet does not know either
 * @example podField(pod, 'metadata.name', place) // 'alpha-0'
 */
export function podField(pod: Pod, path: string, place: PodPlace): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata?.[keyed[1] as 'labels' | 'annotations']?.[keyed[2] as string] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': pod.metadata?.name,
    'metadata.namespace': pod.metadata?.namespace,
    'metadata.uid': pod.metadata?.uid,
    'metadata.labels': quotedLines(pod.metadata?.labels),
    'metadata.annotations': quotedLines(pod.metadata?.annotations),
    'spec.nodeName': pod.spec?.nodeName,
    'spec.serviceAccountName': pod.spec?.serviceAccountName ?? 'default',
    'status.hostIP': place.hostIp,
    'status.hostIPs': place.hostIp,
    'status.podIP': place.podIp,
    'status.podIPs': place.podIp,
  };
  if (!(path in fields)) throw new Error(`unsupported fieldPath: ${path.slice(0, 60)}`);
  return fields[path] ?? '';
}

function quotedLines(map: Record<string, string> = {}): string {
  const keys = Object.keys(map).sort();
  return keys.map((key) => `${key}=${JSON.stringify(map[key])}`).join('\n');
}

/**
 * Replaces `$(NAME)` by the variable's value; `$$(NAME)` stays as `$(NAME)`, an unknown name stays as it is.
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([A-Za-z0-9_.-]+)\)/g, (match, name?: string) => {
    if (match === '$$') return '$';
    return name !== undefined && name in env ? (env[name] as string) : match;
  });
}
