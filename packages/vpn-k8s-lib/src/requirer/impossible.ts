/** @module Workloads that no lock can hold, each with the sentence that says what to change. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { AGENT_GID, CHARM_UID } from '../names.ts';
import type { RequirerOptions } from './options.ts';

/** Capabilities that reach the network's rules from inside the pod. */
const TOO_MUCH = ['ALL', 'NET_ADMIN', 'SYS_ADMIN'];

/** Why this application cannot be locked, or undefined when it can. */
export function lockImpossible(
  statefulSet: StatefulSet,
  options: RequirerOptions,
  charmUid: number | undefined,
): string | undefined {
  if (charmUid !== undefined && charmUid !== CHARM_UID) {
    return `the charm runs as uid ${charmUid}, and only uid ${CHARM_UID} passes the lock: set charm-user: non-root in its metadata`;
  }
  const spec = statefulSet.spec?.template.spec;
  if (!spec) return undefined;
  if (spec.hostNetwork) return "the pod uses the node's network, which cannot be locked: unset hostNetwork";
  for (const name of options.workload) {
    const container = spec.containers.find((each) => each.name === name);
    if (!container)
      throw new Error(`no container ${name} in the StatefulSet: workload names containers of metadata.yaml`);
    const reason = tooPowerful(container, options) ?? exempt(container, spec);
    if (reason) return `container ${name} ${reason}`;
  }
  return undefined;
}

function tooPowerful({ securityContext }: Container, options: RequirerOptions): string | undefined {
  if (securityContext?.privileged) return 'is privileged, so it could undo the lock: unset privileged';
  const forbidden = options.config?.allowRaw ? TOO_MUCH : [...TOO_MUCH, 'NET_RAW'];
  const found = securityContext?.capabilities?.add?.find((name) => forbidden.includes(name));
  return found && `adds capability ${found}, with which it could pass the lock: remove it`;
}

/** Why: the lock lets uid 170 out (the charm must always be able to undo), and group 65170 past the redirected DNS. */
function exempt({ securityContext: own }: Container, { securityContext: pod }: PodSpec): string | undefined {
  if ((own?.runAsUser ?? pod?.runAsUser) === CHARM_UID)
    return `runs as uid ${CHARM_UID}, which passes the lock: use another`;
  const groups = [own?.runAsGroup ?? pod?.runAsGroup, pod?.fsGroup, ...(pod?.supplementalGroups ?? [])];
  return groups.includes(AGENT_GID) ? `has group ${AGENT_GID}, which passes the lock: use another` : undefined;
}
