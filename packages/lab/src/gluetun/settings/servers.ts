/** @module Which VPN server to connect to: the custom one, or one of the provider's list in gluetun's servers.json. */

import type { Settings } from './settings.ts';

/** A server as the tunnel needs it. */
export interface ChosenServer {
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly publicKey: string;
}

interface ListedServer {
  readonly vpn: string;
  readonly country?: string;
  readonly city?: string;
  readonly hostname?: string;
  readonly wgpubkey?: string;
  readonly ips: readonly string[];
}

/** Port of providers that do not let it be chosen. */
const USUAL_PORT = 51820;

/**
 * The endpoint and its public key.
 * @param listText content of servers.json, in gluetun's own form
 * @throws Error when the list has no server that fits
 */
export function chooseServer(settings: Settings, listText: string | undefined): ChosenServer {
  const { endpointIp, endpointPort, publicKey } = settings.selection;
  const port = endpointPort || USUAL_PORT;
  if (endpointIp && publicKey) return { endpoint: { address: endpointIp, port }, publicKey };
  const found = listed(settings, listText).find((server) => fits(settings, server));
  if (!found?.wgpubkey || !found.ips[0]) {
    throw new Error(`finding a server: no server found in the stand-in's list for ${settings.provider}`);
  }
  return { endpoint: { address: endpointIp || found.ips[0], port }, publicKey: publicKey || found.wgpubkey };
}

function listed({ provider }: Settings, text: string | undefined): readonly ListedServer[] {
  if (!text) return [];
  const all = JSON.parse(text) as Record<string, { servers?: readonly ListedServer[] }>;
  return all[provider]?.servers ?? [];
}

function fits({ selection, vpnType }: Settings, server: ListedServer): boolean {
  const among = (wanted: readonly string[] | null, is: string | undefined) =>
    !wanted || wanted.some((item) => item.toLowerCase() === is?.toLowerCase());
  return (
    server.vpn === vpnType &&
    among(selection.countries, server.country) &&
    among(selection.cities, server.city) &&
    among(selection.hostnames, server.hostname)
  );
}
