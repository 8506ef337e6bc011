/** @module Routes as the kernel shows them in /proc. */

/** One IPv4 route of the main table; `device` is `*` for unreachable, blackhole and prohibit. */
export interface Route {
  readonly device: string;
  /** Destination as a dotted address. */
  readonly destination: string;
  /** Prefix length. */
  readonly prefix: number;
  readonly metric: number;
}

/**
 * Reads `/proc/net/route` (main table; addresses are hexadecimal in the machine's little-endian order).
 * @throws Error when the text has not the kernel's columns: then nothing may be concluded from it
 */
export function parseRoutes(text: string): Route[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  if (!head.startsWith('Iface')) throw new Error('/proc/net/route has not the columns of the kernel');
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/);
    const [device = '', destination = '', , , , , metric = '', mask = ''] = fields;
    if (fields.length < 8) throw new Error(`/proc/net/route has a short line: ${line.slice(0, 60)}`);
    return { device, destination: dotted(destination), prefix: ones(mask), metric: Number(metric) };
  });
}

function dotted(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

function ones(hex: string): number {
  return Number.parseInt(hex, 16).toString(2).replaceAll('0', '').length;
}

/** The default routes, the one that wins first. */
export function defaultRoutes(routes: readonly Route[]): Route[] {
  return routes
    .filter((route) => route.prefix === 0 && route.destination === '0.0.0.0')
    .sort((a, b) => a.metric - b.metric);
}

const REJECT = 0x0200;

/**
 * The devices of usable IPv6 default routes in `/proc/net/ipv6_route`; rejecting ones (flag 0x0200) and loopback do not
 * count. An empty text (no IPv6 in this kernel) has none.
 */
export function usableIpv6Defaults(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([destination, prefix]) => /^0{32}$/.test(destination ?? '') && prefix === '00')
    .filter((fields) => (Number.parseInt(fields[8] ?? '0', 16) & REJECT) === 0 && fields[9] !== 'lo')
    .map((fields) => fields[9] ?? '');
}
