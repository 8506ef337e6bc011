/** @module Reads what a pod is given to reach its API server. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from './connection.ts';

const mount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The connection from inside a pod: address from the environment, token and authority from the mounted files under `root`.
 * The token is read again for each request, because the kubelet renews it. Throws an Error that says what is missing.
 * Source: Kubernetes documentation, "Accessing the Kubernetes API from a Pod".
 */
export function inClusterOptions(
  root = '',
  env: NodeJS.ProcessEnv = process.env,
): ConnectionOptions & { namespace: string } {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  if (!host) throw new Error('KUBERNETES_SERVICE_HOST is not set: this process does not run in a pod of a cluster.');
  const file = (name: string) => readMounted(`${root}${mount}/${name}`);
  file('token');
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: () => file('token'),
    ca: file('ca.crt'),
    namespace: file('namespace'),
  };
}

function readMounted(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}): the pod needs automountServiceAccountToken: true.`,
    );
  }
}
