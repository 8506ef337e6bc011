/** @module The pod's network as it is before gluetun changes anything: default route, local networks, IPv6. */

import type { Log } from '../log.ts';
import { ipJson } from './command.ts';

interface RouteRow {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly type?: string;
}
interface LinkRow {
  readonly ifname: string;
  readonly link_type: string;
  readonly addr_info?: readonly { readonly family: string; readonly local: string }[];
}

/** The way out of the pod. */
export interface DefaultRoute {
  readonly interface: string;
  readonly gateway: string;
  readonly address: string;
}

/** A network that one of the pod's Ethernet links is in. */
export interface LocalNetwork {
  readonly interface: string;
  readonly range: string;
  readonly address: string;
  readonly family: 4 | 6;
}

/** All of it. */
export interface PodNetwork {
  readonly defaultRoute: DefaultRoute;
  readonly locals: readonly LocalNetwork[];
  readonly ipv6: boolean;
}

/** Reads the pod's network and logs it in gluetun's order. @throws Error when there is no default route */
export function readPodNetwork(log: Log): PodNetwork {
  const links = ipJson<LinkRow>('addr show');
  const defaultRoute = readDefaultRoute(log, links);
  const ethernet = links.filter((link) => link.link_type === 'ether').map((link) => link.ifname);
  for (const name of ethernet) log.info(`local ethernet link found: ${name}`);
  const locals = ([4, 6] as const).flatMap((family) => readLocals(family, ethernet, links));
  for (const local of locals) log.info(`local ipnet found: ${local.range}`);
  return { defaultRoute, locals, ipv6: locals.some((local) => local.family === 6) };
}

/** Reads and logs the default route alone, as gluetun does again before each use. @throws Error when there is none */
export function readDefaultRoute(log: Log, links = ipJson<LinkRow>('addr show')): DefaultRoute {
  const route = ipJson<RouteRow>('-4 route show table main default')[0];
  if (!route?.gateway) throw new Error('default route not found: in 0 route(s)');
  const address = addressOf(links, route.dev, 'inet');
  log.info(
    `default route found: interface ${route.dev}, gateway ${route.gateway}, assigned IP ${address} and family v4`,
  );
  return { interface: route.dev, gateway: route.gateway, address };
}

function addressOf(links: readonly LinkRow[], name: string, family: string): string {
  const rows = links.find((link) => link.ifname === name)?.addr_info ?? [];
  return rows.find((row) => row.family === family)?.local ?? '';
}

function readLocals(family: 4 | 6, ethernet: readonly string[], links: readonly LinkRow[]): LocalNetwork[] {
  const rows = ipJson<RouteRow>(`-${family} route show table main`);
  const own = rows.filter((row) => row.dst !== 'default' && !row.gateway && ethernet.includes(row.dev));
  return own
    .filter((row) => row.type === undefined || row.type === 'unicast')
    .map((row) => ({
      interface: row.dev,
      range: row.dst.includes('/') ? row.dst : `${row.dst}/${family === 4 ? 32 : 128}`,
      address: addressOf(links, row.dev, family === 4 ? 'inet' : 'inet6'),
      family,
    }))
    .filter((local) => local.address !== '');
}
