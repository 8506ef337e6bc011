/** @module How the container that makes the tunnel gets at /dev/net/tun. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Volume } from 'kubernetes-types/core/v1.js';
import type { ContainerPatch } from '../patch/containers.ts';
import type { ProviderOptions } from './options.ts';

const DEVICE = 'dev-net-tun';

/** The node's device as a volume, where the container gets it by that. */
export function tunnelVolumes({ tunnelAccess = 'device' }: ProviderOptions): Volume[] {
  return tunnelAccess === 'device' ? [{ name: DEVICE, hostPath: { path: '/dev/net/tun', type: 'CharDevice' } }] : [];
}

/**
 * The change to the tunnel's container; capabilities that others have added stay.
 * @throws Error when the StatefulSet has no such container: the option names a container of metadata.yaml
 */
export function tunnelContainer(live: StatefulSet, options: ProviderOptions): ContainerPatch[] {
  const { container: name, tunnelAccess = 'device' } = options;
  const found = live.spec?.template.spec?.containers.find((container) => container.name === name);
  if (!found) throw new Error(`no container ${name} in the StatefulSet: container names one of metadata.yaml`);
  if (tunnelAccess === 'none') return [];
  if (tunnelAccess === 'privileged') return [{ name, securityContext: { privileged: true } }];
  const add = [...new Set([...(found.securityContext?.capabilities?.add ?? []), 'NET_ADMIN', 'NET_RAW'])].sort();
  const volumeMounts = [{ name: DEVICE, mountPath: '/dev/net/tun' }];
  return [{ name, securityContext: { capabilities: { add } }, volumeMounts }];
}
