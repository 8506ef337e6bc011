/** @module Names, labels and annotations that Juju puts on the objects of one application. */

import type { Application, Model } from '../model/state.ts';

/** What the objects need to know beside the application. */
export interface ModelContext {
  readonly model: Model;
  readonly controllerUuid: string;
  /** `host:port` of the controller as pods reach it. */
  readonly controllerAddress: string;
  /** Prefix of Juju's images, `ghcr.io/juju`. */
  readonly imageRepo: string;
}

/** Labels of every object of an application. */
export function labels(application: string): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'juju', 'app.kubernetes.io/name': application };
}

/** Labels of cluster-wide objects; `created-by: controller` is the controller model's webhook (recorded). */
export function globalLabels(application: string, context: ModelContext): Record<string, string> {
  return {
    ...labels(application),
    'app.juju.is/created-by': 'controller',
    'controller.juju.is/id': context.controllerUuid,
    'model.juju.is/name': 'controller',
  };
}

/** The label by which pods are found. */
export function selector(application: string): Record<string, string> {
  return { 'app.kubernetes.io/name': application };
}

/** Annotations of every object. */
export function annotations({ model, controllerUuid }: ModelContext): Record<string, string> {
  return { 'controller.juju.is/id': controllerUuid, 'juju.is/version': model.version, 'model.juju.is/id': model.uuid };
}

/** Metadata of a namespaced object. */
export function metadata(application: Application, name: string, context: ModelContext) {
  return { name, namespace: context.model.name, labels: labels(application.name), annotations: annotations(context) };
}

/** Name of the volume (and claim template) of a storage. */
export function claimName(application: Application, storage: string): string {
  return `${application.name}-${storage}-${application.uniqueId}`;
}
