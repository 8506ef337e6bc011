/** @module What a behaviour is: a named check that any API server, real or stand-in, must pass. */
import type { ApiError, KubeClient, StatefulSet } from './kube.ts';

/** A server under test. */
export interface ServerUnderTest {
  /** An administrator's client. */
  readonly client: KubeClient;
  /** A client with the token of a ServiceAccount. */
  as(namespace: string, serviceAccount: string): Promise<KubeClient>;
}

/** What a behaviour works with: its own fresh namespace. */
export interface Scene extends ServerUnderTest {
  readonly namespace: string;
}

/** One row of the table. Throws when the server behaves otherwise. */
export interface Behaviour {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void>;
}

/** Turns an object of named checks into rows. */
export function rows(group: string, checks: Readonly<Record<string, Behaviour['run']>>): Behaviour[] {
  return Object.entries(checks).map(([name, run]) => ({ name: `${group}: ${name}`, run }));
}

/** A small StatefulSet with two containers and two init containers. */
export function statefulSet(name: string, namespace: string): StatefulSet {
  const labels = { app: name };
  const initContainers = ['charm-init', 'old-init'].map((each) => ({ name: each, image: `local/${each}:1` }));
  const charm = {
    name: 'charm',
    image: 'local/charm:1',
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  };
  const containers = [
    { ...charm, volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    { name: 'web', image: 'local/web:1' },
  ];
  const template = {
    metadata: { labels },
    spec: { initContainers, containers, volumes: [{ name: 'v', emptyDir: {} }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: { serviceName: name, replicas: 0, selector: { matchLabels: labels }, template },
  };
}

/** The error that a promise ends with; throws when it does not fail. */
export async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('expected the request to be refused, but it was granted');
}

/** Waits until `probe` answers something other than undefined or false; throws after ten seconds with what it waited for. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ten seconds in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
