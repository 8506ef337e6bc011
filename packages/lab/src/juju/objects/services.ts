/** @module Pure: the two Services of an application and the Secret by which its pods find the controller. */

import type { OpenedPort } from '@vpn-k8s/charm-testing';
import type { Secret, Service, ServicePort } from 'kubernetes-types/core/v1.js';
import type { Application, Unit } from '../model/state.ts';
import { type ModelContext, metadata, selector } from './names.ts';

const PLACEHOLDER: ServicePort = { name: 'placeholder', port: 65535, protocol: 'TCP', targetPort: 65535 };

/** The Service `<app>`; it has no ports before open-port but a placeholder. */
export function service(application: Application, context: ModelContext): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(application, application.name, context),
    spec: { type: 'ClusterIP', selector: selector(application.name), ports: [PLACEHOLDER] },
  };
}

/** The headless Service `<app>-endpoints`; unready pods are published. */
export function endpointsService(application: Application, context: ModelContext): Service {
  const meta = metadata(application, `${application.name}-endpoints`, context);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...meta,
      annotations: { ...meta.annotations, 'service.alpha.kubernetes.io/tolerate-unready-endpoints': 'true' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selector(application.name),
    },
  };
}

/** Ports of the Service after a flush: what the units opened, foreign ports kept, the placeholder when there is nothing. */
export function servicePorts(existing: readonly ServicePort[], units: readonly Unit[]): ServicePort[] {
  const foreign = existing.filter(({ name = '' }) => !name.startsWith('juju-') && name !== 'placeholder');
  const opened = new Map(units.flatMap((u) => u.ports).map((port) => [portName(port), port]));
  const ours = [...opened]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { port, protocol }]) => ({
      ...{ name, port, protocol: protocol.toUpperCase(), targetPort: port },
    }));
  const ports = [...foreign, ...ours];
  return ports.length > 0 ? ports : [PLACEHOLDER];
}

function portName({ port, protocol }: OpenedPort): string {
  return `juju-${port}-${protocol}`;
}

/** The Secret `<app>-application-config`: how charm-init finds the controller and says who it is. */
export function configSecret(application: Application, context: ModelContext, password: string): Secret {
  const data = {
    JUJU_K8S_APPLICATION: application.name,
    JUJU_K8S_APPLICATION_PASSWORD: password,
    JUJU_K8S_CONTROLLER_ADDRESSES: context.controllerAddress,
    JUJU_K8S_CONTROLLER_CA_CERT: '-',
    JUJU_K8S_MODEL: context.model.uuid,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(application, `${application.name}-application-config`, context),
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}
