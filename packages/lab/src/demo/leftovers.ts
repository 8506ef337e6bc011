/** @module What applications have left in the cluster. */

import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  type KubeObject,
  networkPolicies,
  pods,
  type Resource,
  roleBindings,
  roles,
  serviceAccounts,
  services,
  statefulSets,
} from '@vpn-k8s/kube';
import type { Lab } from '../lab.ts';
import { namesOf } from './applications.ts';

const namespaced = { statefulSets, pods, configMaps, networkPolicies, services, serviceAccounts, roles, roleBindings };
const clusterWide = { clusterRoles, clusterRoleBindings };

/** Objects of these applications that are still there, as `configMaps/qbittorrent-gateway-client-config`. */
export async function leftOf(lab: Lab, apps: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const [kind, resource] of Object.entries({ ...namespaced, ...clusterWide })) {
    const namespace = kind in namespaced ? lab.model : undefined;
    const objects = await lab.kube.list(resource as Resource<KubeObject>, { namespace });
    const prefixes = apps.flatMap((app) => [app, `${lab.model}-${app}`]);
    found.push(...prefixes.flatMap((app) => namesOf(objects, app)).map((name) => `${kind}/${name}`));
  }
  return found;
}
