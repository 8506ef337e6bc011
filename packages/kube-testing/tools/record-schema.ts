/**
 * @module Reduces Kubernetes' own OpenAPI document to what the stand-in needs: fields, their types, how lists merge.
 *
 * Usage: node tools/record-schema.ts VERSION KUBERNETES API APIMACHINERY APIEXTENSIONS > fixtures/schema.json
 * The four are folders of the Go modules k8s.io/{kubernetes,api,apimachinery,apiextensions-apiserver} of that version. Which empty values are left
 * out when an object is stored follows from Go's struct tags, so these are read too.
 */
import { readFileSync } from 'node:fs';
import type { Schema, TypeSchema } from '../src/schema/schema.ts';
import { goOmissions } from './go-structs.ts';

interface OpenApi {
  $ref?: string;
  type?: string;
  format?: string;
  items?: OpenApi;
  properties?: Record<string, OpenApi>;
  additionalProperties?: OpenApi;
  required?: string[];
  [extension: `x-kubernetes-${string}`]: unknown;
}

const roots = [
  'core.v1: ConfigMap Secret Service Endpoints Pod ServiceAccount Namespace Node PersistentVolumeClaim PersistentVolume Event ResourceQuota',
  'apps.v1: StatefulSet ControllerRevision Deployment DaemonSet ReplicaSet',
  'discovery.v1: EndpointSlice',
  'networking.v1: NetworkPolicy ServiceCIDR Ingress',
  'rbac.v1: Role RoleBinding ClusterRole ClusterRoleBinding',
  'apiextensions.v1: CustomResourceDefinition',
  'admissionregistration.v1: MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'authentication.v1: TokenRequest',
  'autoscaling.v1: Scale',
  'coordination.v1: Lease',
  'policy.v1: Eviction',
  'meta.v1: DeleteOptions',
].flatMap((line) => {
  const [group, names] = line.split(': ') as [string, string];
  return names.split(' ').map((name) => `${group}.${name}`);
});

const scalars: Record<string, Schema> = {
  'util.intstr.IntOrString': { scalar: 'intOrString' },
  'api.resource.Quantity': { scalar: 'quantity' },
  'meta.v1.Time': { scalar: 'string' },
  'meta.v1.MicroTime': { scalar: 'string' },
};

const shortName = (name: string) =>
  name
    .replace(/^(#\/definitions\/)?io\.k8s\./, '')
    .replace(
      /^(api|apimachinery\.pkg\.apis|apimachinery\.pkg|kube-aggregator\.pkg\.apis|apiextensions-apiserver\.pkg\.apis)\./,
      '',
    );

function convert(node: OpenApi): Schema {
  if (node.$ref) return scalars[shortName(node.$ref)] ?? { ref: shortName(node.$ref) };
  if (node.type === 'array') return { list: convert(node.items ?? {}), ...listFacts(node) };
  if (node.type === 'object' && node.additionalProperties) {
    return {
      map: convert(node.additionalProperties),
      ...(node['x-kubernetes-map-type'] === 'atomic' && { atomic: true }),
    };
  }
  if (node.type === undefined || node.type === 'object') return { any: true };
  return { scalar: node.format === 'byte' ? 'bytes' : (node.type as 'string') };
}

function listFacts(node: OpenApi): object {
  const keys = node['x-kubernetes-list-map-keys'] as string[] | undefined;
  const strategy = node['x-kubernetes-patch-strategy'] as string | undefined;
  const mergeKey = node['x-kubernetes-patch-merge-key'] as string | undefined;
  return {
    ...(node['x-kubernetes-list-type'] === 'set' && { set: true }),
    ...(keys && { keys }),
    ...(strategy && { patch: strategy.split(',') }),
    ...(mergeKey && { mergeKey }),
  };
}

const [version = '', kubernetes = '', ...goModules] = process.argv.slice(2);
const path = `${kubernetes}/api/openapi-spec/swagger.json`;
const omitted = goOmissions(goModules);
const { definitions } = JSON.parse(readFileSync(path, 'utf8')) as { definitions: Record<string, OpenApi> };
const byName = new Map(Object.entries(definitions).map(([name, node]) => [shortName(name), node]));
const types: Record<string, TypeSchema> = {};
const queue = [...roots];
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (types[name]) continue;
  const node = byName.get(name);
  if (!node) throw new Error(`${name} is not in ${path}.`);
  types[name] = typeOf(name, node);
  queue.push(
    ...JSON.stringify(types[name])
      .matchAll(/"ref":"([^"]+)"/g)
      .map((match) => match[1] as string),
  );
}

function typeOf(name: string, node: OpenApi): TypeSchema {
  if (!node.properties) return { any: true };
  const fields = Object.entries(node.properties).map(([field, value]) => {
    const strategy = value.$ref && (value['x-kubernetes-patch-strategy'] as string | undefined);
    const omit = omitted.has(`${name}.${field}`) && { omit: true };
    return [field, { ...convert(value), ...omit, ...(strategy && { patch: strategy.split(',') }) }];
  });
  return {
    fields: Object.fromEntries(fields) as Record<string, Schema>,
    ...(node.required && { required: node.required }),
    ...(node['x-kubernetes-map-type'] === 'atomic' && { atomic: true }),
  };
}

const sorted = Object.fromEntries(
  Object.keys(types)
    .sort()
    .map((name) => [name, types[name] as TypeSchema]),
);
const lines = Object.entries(sorted).map(([name, type]) => `  ${JSON.stringify(name)}: ${JSON.stringify(type)}`);
process.stdout.write(`{\n "version": ${JSON.stringify(version)},\n "types": {\n${lines.join(',\n')}\n }\n}\n`);
