/** @module The pod around a hook: files under a root, containers with Pebble, and an API server when asked for. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubernetesRequest, PebbleChange } from '../state/results.ts';
import type { State } from '../state/state.ts';
import { type RunningContainer, startContainer } from './container.ts';
import type { Places } from './environment.ts';
import { type RunningKubernetes, startKubernetes } from './kubernetes.ts';

/** A pod while the hook runs. */
export interface RunningPod {
  /** CHARM_TESTING_ROOT. */
  readonly root: string;
  readonly kubernetes: Places['kubernetes'];
  /** What the hook left in containers and Kubernetes, whatever its exit code. */
  after(): Promise<Left>;
  /** Requests to the API server so far. */
  requests(): readonly KubernetesRequest[];
  stop(): Promise<void>;
}

/** What a hook left behind outside of Juju. */
export interface Left {
  readonly state: Partial<State>;
  readonly requests: readonly KubernetesRequest[];
  readonly changes: readonly PebbleChange[];
}

/** An address where nobody listens: the charm gets a refused connection when the state has no Kubernetes. */
const nobody = { host: '127.0.0.1', port: '9' };

/** Starts what the state has. */
export async function startPod(state: State, dir: string): Promise<RunningPod> {
  const root = join(dir, 'root');
  for (const [path, content] of Object.entries(state.files)) put(join(root, path), content);
  for (const storage of state.storages) mkdirSync(join(root, storage.location), { recursive: true });
  const containers: { name: string; running: RunningContainer }[] = [];
  let kubernetes: RunningKubernetes | undefined;
  const stop = async () => {
    await Promise.all(containers.map((one) => one.running.stop()));
    await kubernetes?.stop();
  };
  try {
    kubernetes = state.kubernetes && (await startKubernetes(state, state.kubernetes, root));
    for (const container of state.containers) {
      if (!container.canConnect) continue;
      const socketDir = join(root, 'charm', 'containers', container.name);
      const running = await startContainer(container, join(dir, `container-${container.name}`), socketDir);
      containers.push({ name: container.name, running });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    root,
    kubernetes: kubernetes?.address ?? nobody,
    after: () => after(state, containers, kubernetes),
    requests: () => kubernetes?.requests() ?? [],
    stop,
  };
}

async function after(
  state: State,
  running: readonly { name: string; running: RunningContainer }[],
  kubernetes: RunningKubernetes | undefined,
): Promise<Left> {
  const containers = await Promise.all(
    state.containers.map((one) => running.find(({ name }) => name === one.name)?.running.after() ?? one),
  );
  const changes = (await Promise.all(running.map((one) => one.running.changes()))).flat();
  const objects = kubernetes && { kubernetes: { objects: kubernetes.objects() } };
  return { state: { containers, ...objects }, requests: kubernetes?.requests() ?? [], changes };
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
