/** @module The proof that this pod is locked: what the kernel and the pod's status say, not what was asked for. */
import { readFileSync } from 'node:fs';
import { defaultRoutes, parseRoutes, usableIpv6Defaults } from '@vpn-k8s/net';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { OVERLAY_DEVICE } from './names.ts';

/** What was read in the pod; undefined where there is no such file. */
export interface Seen {
  /** `/sys/class/net/vxlan0/ifalias` */
  readonly alias: string | undefined;
  /** `/proc/net/route` */
  readonly routes: string | undefined;
  /** `/proc/net/ipv6_route`; missing where the kernel has no IPv6. */
  readonly ipv6Routes: string | undefined;
}

/** What follows from it. */
export interface Proof {
  /** Hash of the configuration whose lock the init has read back; undefined: nothing is proven. */
  readonly hash: string | undefined;
  /** The pod holds its packets: a lock is proven, and no default route leads past the overlay. */
  readonly locked: boolean;
  /** The default route that wins leads into the overlay. */
  readonly routed: boolean;
  /** Why it is not locked or not routed, as a clause. */
  readonly missing: string | undefined;
}

/** Reads the pod's network under `root` ('' in real life). */
export function look(root: string): Seen {
  return {
    alias: read(`${root}/sys/class/net/${OVERLAY_DEVICE}/ifalias`),
    routes: read(`${root}/proc/net/route`),
    ipv6Routes: read(`${root}/proc/net/ipv6_route`),
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Judges what was seen. The alias is set last, after the lock of both address families was read back, and cleared when a
 * self-check fails; nothing in the pod but our own containers may write it.
 */
export function prove(seen: Seen): Proof {
  const hash = /^[0-9a-f]{8}$/.exec(seen.alias?.trim() ?? '')?.[0];
  const past = leadsPast(seen);
  const routed = winner(seen.routes) === OVERLAY_DEVICE;
  const missing =
    hash === undefined
      ? 'the lock of this pod is not set'
      : (past ?? (routed ? undefined : 'the route to the gateway is not up'));
  return { hash, locked: hash !== undefined && past === undefined, routed, missing };
}

/** Why a wrong text counts as leading past: nothing may be concluded from what cannot be read. */
function leadsPast(seen: Seen): string | undefined {
  try {
    const defaults = defaultRoutes(parseRoutes(seen.routes ?? ''));
    if (defaults.length === 0) return 'this pod has neither a default route nor its refusal';
    const open = defaults.find(({ device }) => device !== OVERLAY_DEVICE && device !== '*');
    if (open) return `a default route of this pod leads to ${open.device}`;
  } catch {
    return 'the routes of this pod cannot be read';
  }
  const [ipv6] = usableIpv6Defaults(seen.ipv6Routes ?? '');
  return ipv6 === undefined ? undefined : `an IPv6 default route of this pod leads to ${ipv6}`;
}

function winner(routes: string | undefined): string | undefined {
  try {
    return defaultRoutes(parseRoutes(routes ?? ''))[0]?.device;
  } catch {
    return undefined;
  }
}

/** True when a container of this name runs in the pod now. */
export function runs(pod: Pod | undefined, container: string): boolean {
  const statuses = pod?.status?.containerStatuses ?? [];
  return statuses.some(({ name, state }) => name === container && state?.running !== undefined);
}
