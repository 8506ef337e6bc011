/** @module As whom a container runs: runAsUser, runAsGroup, fsGroup, supplementalGroups and the image's passwd. Pure. */

import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.js';

/** User, group and further groups of a process, and the home that the image gives the user. */
export interface RunAs {
  readonly user: number;
  readonly group: number;
  readonly groups: readonly number[];
  readonly home: string;
}

/** A user or group that this node cannot give; the sentence says why. */
export class UserRefused extends Error {
  readonly reason = 'CreateContainerConfigError';
}

/**
 * Resolves a container's user. The container's own security context wins over the pod's.
 * @param passwd text of the image's /etc/passwd, '' when it has none
 * @throws UserRefused for runAsNonRoot with user 0
 */
export function runAs(pod: PodSecurityContext = {}, container: SecurityContext = {}, passwd = ''): RunAs {
  const user = container.runAsUser ?? pod.runAsUser ?? 0;
  if (user === 0 && (container.runAsNonRoot ?? pod.runAsNonRoot)) {
    throw new UserRefused('container has runAsNonRoot and image will run as root');
  }
  const entry = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => Number(fields[2]) === user && fields[2]);
  const group = container.runAsGroup ?? pod.runAsGroup ?? (entry ? Number(entry[3]) : 0);
  const groups = [...(pod.fsGroup === undefined ? [] : [pod.fsGroup]), ...(pod.supplementalGroups ?? [])];
  return { user, group, groups, home: entry?.[5] || '/' };
}

/** What stands in the way when only user 0 is mapped (unprivileged user namespace); undefined when nothing does. */
export function needsOtherUsers(pod: PodSecurityContext = {}, container: SecurityContext = {}): string | undefined {
  const wanted = {
    runAsUser: container.runAsUser ?? pod.runAsUser,
    runAsGroup: container.runAsGroup ?? pod.runAsGroup,
    fsGroup: pod.fsGroup,
  };
  const found = Object.entries(wanted).find(([, id]) => id !== undefined && id !== 0);
  return found && `${found[0]}: ${found[1]}`;
}

/** Whether this process lives in a user namespace that maps user 0 and nobody else (user_namespaces(7)). */
export function isSingleUser(uidMap: string): boolean {
  const lines = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return lines.length === 1 && lines[0]?.[2] === '1';
}
