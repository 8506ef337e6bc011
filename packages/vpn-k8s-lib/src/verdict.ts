/** @module What the library tells a charm about its workload: may it run, must it stop, and why. */

/** The gateway as a status line or an action shows it; present when the relation's data was read. */
export interface GatewayView {
  /** Application name of the gateway, as it calls itself. */
  readonly app: string;
  readonly namespace: string | undefined;
  readonly routingMethod: string;
  /** The gateway says that its tunnel is up. */
  readonly connected: boolean;
  /** The address that the internet sees, or null while the tunnel is down. */
  readonly externalIp: string | null;
  /** Resolver inside the tunnel; also what the Pebble check `vpn` dials. */
  readonly dnsIp: string;
  /** Country and city of the exit, when the gateway says so. */
  readonly location: string | undefined;
  /** Ports that the provider's gateway forwards to this application. */
  readonly forwardedPorts: readonly number[];
  readonly clusterDomain: string;
}

/**
 * The four states of a client:
 * `unrelated` (no relation), `waiting` (related, something is not there yet), `ready` (all proven), `blocked` (a person is needed).
 */
export type VerdictState = 'unrelated' | 'waiting' | 'ready' | 'blocked';

/**
 * The answer of {@link VPNGatewayRequirer.reconcile}. A charm starts its workload only when `mayStartWorkload` is true; when
 * `mustStopWorkload` is true the library has already stopped it.
 *
 * Source: docs/explanation/architecture.md, The verdict.
 * @example
 * const verdict = await vpn.reconcile();
 * if (verdict.mayStartWorkload) await pebble.start(['qbittorrent']);
 */
export interface Verdict {
  readonly state: VerdictState;
  /** One sentence for `juju status`, with the next command to run when a person is needed. */
  readonly reason: string;
  /** True when this run wrote anything. */
  readonly changed: boolean;
  readonly mayStartWorkload: boolean;
  /** True exactly when this pod's lock is not proven and the VPN is required or related. */
  readonly mustStopWorkload: boolean;
  /** This unit leads its application, as Juju said in this hook; a charm need not ask again. */
  readonly leader: boolean;
  readonly gateway?: GatewayView;
}
