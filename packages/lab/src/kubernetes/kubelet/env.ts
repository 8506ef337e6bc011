/** @module The environment of a container: image, Services, `envFrom`, `env` with references, in this order. Pure. */

import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from 'kubernetes-types/core/v1.js';
import { expand, type PodPlace, podField } from './field.ts';
import { serviceEnv } from './service-env.ts';

/** The objects that a pod may refer to, by name, in the pod's namespace. */
export interface Referred {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  readonly services: readonly Service[];
}

/** A container that cannot be made yet because of its configuration: the kubelet tries again. */
export class ConfigError extends Error {
  readonly reason = 'CreateContainerConfigError';
}

/** Resolves a container's environment. @throws ConfigError when an object or key is missing and not optional */
export function containerEnv(
  pod: Pod,
  container: Container,
  imageEnv: Readonly<Record<string, string>>,
  referred: Referred,
  place: PodPlace,
): Record<string, string> {
  const env: Record<string, string> = {
    ...imageEnv,
    HOSTNAME: pod.metadata?.name ?? '',
    ...serviceEnv(pod, referred.services),
  };
  for (const source of container.envFrom ?? []) {
    const data = source.secretRef
      ? wholeSecret(referred, source.secretRef.name ?? '', source.secretRef.optional)
      : wholeConfigMap(referred, source.configMapRef?.name ?? '', source.configMapRef?.optional);
    for (const [key, value] of Object.entries(data)) env[`${source.prefix ?? ''}${key}`] = value;
  }
  for (const variable of container.env ?? []) {
    const value = variableValue(pod, variable, env, referred, place);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

function variableValue(
  pod: Pod,
  { value, valueFrom }: EnvVar,
  env: Record<string, string>,
  referred: Referred,
  place: PodPlace,
): string | undefined {
  if (!valueFrom) return expand(value ?? '', env);
  if (valueFrom.fieldRef) return podField(pod, valueFrom.fieldRef.fieldPath, place);
  const secret = valueFrom.secretKeyRef;
  if (secret) return oneKey('Secret', pod, secret, wholeSecret(referred, secret.name ?? '', secret.optional));
  const map = valueFrom.configMapKeyRef;
  if (map) return oneKey('ConfigMap', pod, map, wholeConfigMap(referred, map.name ?? '', map.optional));
  throw new ConfigError('this kubelet does not resolve resourceFieldRef: write the value into the pod');
}

function oneKey(
  kind: string,
  pod: Pod,
  reference: { name?: string; key: string; optional?: boolean },
  data: Record<string, string>,
): string | undefined {
  const value = data[reference.key];
  if (value !== undefined || reference.optional) return value;
  const object = `${pod.metadata?.namespace}/${reference.name}`;
  throw new ConfigError(`couldn't find key ${reference.key} in ${kind} ${object}`);
}

function wholeConfigMap(referred: Referred, name: string, optional?: boolean): Record<string, string> {
  const map = referred.configMap(name);
  if (!map && !optional) throw new ConfigError(`configmap "${name}" not found`);
  return map?.data ?? {};
}

function wholeSecret(referred: Referred, name: string, optional?: boolean): Record<string, string> {
  const secret = referred.secret(name);
  if (!secret && !optional) throw new ConfigError(`secret "${name}" not found`);
  const entries = Object.entries(secret?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}
