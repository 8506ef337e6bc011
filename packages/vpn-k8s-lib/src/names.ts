/** @module Names of objects, containers, volumes and annotations: those of the Python family, so that its applications are taken over in place. */

/** Toolbox image in which the agent's scripts run, unless the charm names another. */
export const AGENT_IMAGE = 'ghcr.io/angelnu/pod-gateway:v1.13.0';
/** What this library calls itself towards the API server. */
export const FIELD_MANAGER = 'vpn-k8s-lib';
/** Uid of Juju's agent and of a charm with `charm-user: non-root`; exempt from the lock's routes. */
export const CHARM_UID = 170;
/** Group of the agent's own containers; exempt from the redirection of DNS. */
export const AGENT_GID = 65_170;
/** The interface that the agent makes. */
export const OVERLAY_DEVICE = 'vxlan0';
/** Annotation of a pod template that kubectl reads to choose a container. */
export const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Annotation of the pod template that holds what its containers dropped before us, so that un-patching gives exactly that back. */
export const DROPS_BEFORE = 'vpn-k8s.io/capabilities-dropped-before';

/** What one side puts into its pod. */
export interface SideNames {
  readonly init: string;
  readonly sidecar: string;
  readonly volume: string;
  /** Annotation of the pod template that holds the configuration's hash. */
  readonly hash: string;
  /** Scripts in the ConfigMap. */
  readonly initScript: string;
  readonly sidecarScript: string;
}

/** The client's pod (charmarr-lib-vpn, `_gateway_client.py`). */
export const CLIENT: SideNames = {
  init: 'vpn-route-init',
  sidecar: 'vpn-route-sidecar',
  volume: 'pod-gateway-config',
  hash: 'charmarr.io/gateway-client-config-hash',
  initScript: 'client_init.sh',
  sidecarScript: 'client_sidecar.sh',
};

/** The gateway's pod (charmarr-lib-vpn, `_gateway.py`). */
export const GATEWAY: SideNames = {
  init: 'gateway-init',
  sidecar: 'gateway-sidecar',
  volume: 'gateway-config',
  hash: 'charmarr.io/gateway-config-hash',
  initScript: 'gateway_init.sh',
  sidecarScript: 'gateway_sidecar.sh',
};

/** ConfigMap of a client application. */
export const clientConfigMap = (app: string): string => `${app}-gateway-client-config`;
/** ConfigMap of a gateway application. */
export const gatewayConfigMap = (app: string): string => `${app}-gateway-settings`;
/** NetworkPolicy of a protected application. */
export const killSwitch = (app: string): string => `${app}-vpn-killswitch`;
/** NetworkPolicy of a gateway application. */
export const gatewayPolicy = (app: string): string => `${app}-vpn-gateway`;
