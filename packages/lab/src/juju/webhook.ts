/**
 * @module Juju's mutating webhook of a model: labels what an application's ServiceAccount writes.
 *
 * Source: juju `internal/worker/caasadmission`.
 */

import type { Admission, AdmissionRequest } from '@vpn-k8s/kube-testing';
import type { ModelContext } from './objects/names.ts';

/** As in the recorded MutatingWebhookConfiguration `juju-model-admission-<model>`. */
const NAMESPACED = [
  'configmaps',
  'pods',
  'statefulsets',
  'deployments',
  'daemonsets',
  'roles',
  'rolebindings',
  'services',
  'secrets',
  'serviceaccounts',
  'ingresses',
];
const CLUSTER = [
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
];
const DISABLED = 'model.juju.is/disable-webhook';

/** Registers the webhook; answers how to take it away. Objects of other namespaces are not labelled. */
export function registerWebhook(admission: Admission, context: ModelContext): () => void {
  return admission.add({ operations: ['CREATE', 'UPDATE'] }, (request) => label(request, context));
}

function label(request: AdmissionRequest, context: ModelContext): void {
  const { model } = context;
  const application = new RegExp(`^system:serviceaccount:${model.name}:(.+)$`).exec(request.user.name)?.[1];
  const metadata = request.object?.metadata;
  if (!application || !model.applications.has(application) || !metadata || !applies(request, model.name)) return;
  if (metadata.labels?.[DISABLED] !== undefined) return;
  metadata.labels = {
    'app.kubernetes.io/managed-by': 'juju',
    ...metadata.labels,
    'app.juju.is/created-by': application,
    'model.juju.is/id': model.uuid,
    'model.juju.is/name': model.name,
  };
}

function applies({ resource, namespace }: AdmissionRequest, model: string): boolean {
  return resource.namespaced
    ? namespace === model && NAMESPACED.includes(resource.plural)
    : CLUSTER.includes(resource.plural);
}
