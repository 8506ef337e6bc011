/** @module The Pebble check that wakes a protected workload's charm when the tunnel fails or recovers. */

/** The part of a Pebble layer that holds one TCP check; see Pebble's layer specification. */
export interface VpnCheckLayer {
  readonly checks: {
    readonly vpn: {
      readonly override: 'replace';
      readonly startup: 'enabled';
      readonly period: '2s';
      readonly timeout: '1s';
      readonly threshold: 2;
      readonly tcp: { readonly host: string; readonly port: 53 };
    };
  };
}

/**
 * A layer fragment with the check `vpn`: TCP to the resolver inside the tunnel, every 2 s, failing after two misses. It has no
 * level, so it neither restarts the container nor takes the pod out of its Services; it only makes Juju run a hook.
 *
 * Source: Pebble's layer specification (checks); docs/explanation/architecture.md, Waking.
 * @param dnsIp `gateway.dnsIp` of the verdict
 * @example await pebble.addLayer('vpn', vpnCheck('172.16.0.1'), { combine: true });
 */
export function vpnCheck(dnsIp: string): VpnCheckLayer {
  const check = { override: 'replace', startup: 'enabled', period: '2s', timeout: '1s', threshold: 2 } as const;
  return { checks: { vpn: { ...check, tcp: { host: dnsIp, port: 53 } } } };
}

/** A layer fragment with one exec check. */
export interface OverlayCheckLayer {
  readonly checks: {
    readonly overlay: {
      readonly override: 'replace';
      readonly startup: 'enabled';
      readonly period: '2s';
      readonly timeout: '1s';
      readonly threshold: 2;
      readonly exec: { readonly command: string };
    };
  };
}

/**
 * A layer fragment with the check `overlay` for the gateway's own container: up while the agent says that its question through
 * the tunnel was answered. It shares the pod's network namespace, so it sees the alias of vxlan0; its failing and recovering
 * make Juju run a hook, in which the clients are told.
 */
export function overlayCheck(): OverlayCheckLayer {
  const check = { override: 'replace', startup: 'enabled', period: '2s', timeout: '1s', threshold: 2 } as const;
  return { checks: { overlay: { ...check, exec: { command: 'grep -q " up$" /sys/class/net/vxlan0/ifalias' } } } };
}
