/** @module The ports of a real hook: Pebble's sockets and the API server, under one root. */

import { type HookContext, readContext } from '@vpn-k8s/juju';
import type { KubeClient } from '@vpn-k8s/kube';
import { Pebble } from '@vpn-k8s/pebble';
import type { CharmPorts } from './charm.ts';
import { HookLog } from './log.ts';

/** Ports as main() uses them: the log can be flushed. */
export interface HookPorts extends CharmPorts {
  readonly log: HookLog;
}

/** @throws Error when the process was not started by Juju. */
export function hookPorts(env: Readonly<Record<string, string | undefined>>): HookPorts {
  const context: HookContext = readContext(env);
  const root = env.CHARM_TESTING_ROOT ?? '';
  let client: Promise<KubeClient> | undefined;
  return {
    context,
    root,
    log: new HookLog(context.action !== undefined),
    pebble: (container) => new Pebble(`${root}/charm/containers/${container}/pebble.socket`),
    kube: () => {
      client ??= connect(root);
      return client;
    },
  };
}

/**
 * Why lazy: the client and node:https cost 20 ms that a hook without Kubernetes calls does not pay. Why two connections: a
 * handshake costs more than the requests of a hook take one after the other.
 */
async function connect(root: string): Promise<KubeClient> {
  const { inClusterOptions, KubeClient } = await import('@vpn-k8s/kube');
  return new KubeClient({ ...inClusterOptions(root), connections: 2 });
}
