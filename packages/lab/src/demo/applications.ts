/** @module The two applications of the demo as an operator deploys them, and what is seen of them. */

import { type KubeObject, statefulSets } from '@vpn-k8s/kube';
import { images, type Lab } from '../lab.ts';
import { addresses } from '../network/addresses.ts';

/** Names of the demo's applications. */
export const GATEWAY = 'gluetun';
/** The download client. */
export const CLIENT = 'qbittorrent';

/** Paths of the packed charms. */
export interface Charms {
  readonly gateway: string;
  readonly client: string;
}

/** Deploys the gateway with the VPN provider's settings; its key goes into a secret, as an operator would do it. */
export async function deployGateway(lab: Lab, charm: string): Promise<void> {
  const { customer, keys } = lab.internet.vpnServer;
  const secret = await lab.controller.addSecret('vpn-credentials', { 'private-key': customer.privateKey });
  await lab.controller.deploy({
    charm,
    application: GATEWAY,
    trust: true,
    resources: { 'gluetun-image': images.gluetun },
    config: {
      'vpn-provider': 'custom',
      'wireguard-endpoint-ip': addresses.vpnServer,
      'wireguard-endpoint-port': addresses.vpnPort,
      'wireguard-public-key': keys.publicKey,
      'wireguard-addresses': `${addresses.tunnel.client}/32`,
      'dns-address': addresses.echo,
      'cluster-cidrs': `${addresses.podCidr},${addresses.serviceCidr}`,
      credentials: secret,
      'gluetun-env': gluetunEnvironment(),
    },
  });
  await lab.controller.grantSecret('vpn-credentials', GATEWAY);
}

/** The lab's internet has none of the public services that gluetun asks by default. */
function gluetunEnvironment(): string {
  return JSON.stringify({
    PUBLICIP_API: `echoip#http://${addresses.echo}:8081`,
    HEALTH_TARGET_ADDRESSES: `${addresses.echo}:80`,
    HEALTH_ICMP_TARGET_IPS: addresses.echo,
  });
}

/** Deploys the download client. */
export async function deployClient(lab: Lab, charm: string): Promise<void> {
  await lab.controller.deploy({
    charm,
    application: CLIENT,
    trust: true,
    resources: { 'qbittorrent-image': images.qbittorrent },
  });
}

/** Status and message of a unit, e.g. `active: through gluetun`. */
export function unitStatus(lab: Lab, unit: string): string {
  const { status, message } = lab.controller.unitStatus(unit);
  return message ? `${status}: ${message}` : status;
}

/** The client's StatefulSet spec as text, to compare it byte for byte. */
export async function specText(lab: Lab, app: string): Promise<string> {
  const live = await lab.kube.get(statefulSets, app, { namespace: lab.model });
  return JSON.stringify((live as { spec?: unknown } | undefined)?.spec);
}

/** Objects of the model's namespace whose name begins with an application's. */
export function namesOf(objects: readonly KubeObject[], app: string): string[] {
  return objects
    .map(({ metadata }) => metadata?.name ?? '')
    .filter((name) => name === app || name.startsWith(`${app}-`));
}
