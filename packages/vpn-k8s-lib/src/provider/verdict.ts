/** @module What the library tells a gateway's charm about its overlay and its clients. */

/** A client as the gateway sees it. */
export interface Client {
  readonly relationId: string;
  /** Juju's name of the remote application. */
  readonly app: string;
  /** What it calls itself in the relation; missing until it has written its data. */
  readonly instanceName: string | undefined;
  /** Why its data was not taken, as a sentence. */
  readonly problem: string | undefined;
}

/** The answer of {@link VPNGatewayProvider.reconcile}. */
export interface ProviderVerdict {
  /** The gateway side in this pod is proven: overlay with the current configuration, sidecar running, the agent's probe answered. */
  readonly ready: boolean;
  /** A person is needed; `reason` says what to do. */
  readonly blocked: boolean;
  readonly reason: string;
  readonly changed: boolean;
  readonly clients: readonly Client[];
  /** The agent's own word on the way out: `up`, `down`, `no-tunnel`, `no-forwarding`, `no-rules`, `starting`. */
  readonly overlay: string | undefined;
}
