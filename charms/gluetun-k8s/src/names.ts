/** @module Names and places in the gateway's container that several files use. */

/** Container, which is also its Pebble service. */
export const CONTAINER = 'gluetun';
/** Interface of the tunnel. */
export const TUNNEL = 'tun0';
/** Where gluetun's control server listens: loopback only, since it gives keys away (`/v1/vpn/settings`). */
export const CONTROL_ADDRESS = '127.0.0.1:8000';
/** Where its health server listens. */
export const HEALTH_ADDRESS = '127.0.0.1:9999';
/** File with the exit's address, written by gluetun when it is known and emptied when the tunnel goes. */
export const EXIT_FILE = '/tmp/gluetun/ip';
/** Alias of the overlay's interface: hash and the agent's word on the tunnel. */
export const OVERLAY_ALIAS = '/sys/class/net/vxlan0/ifalias';

const FOLDER = '/run/vpn-k8s';
/** Files that the charm pushes, all 0600. */
export const files = {
  roles: `${FOLDER}/control-roles.toml`,
  privateKey: `${FOLDER}/wireguard-private-key`,
  presharedKey: `${FOLDER}/wireguard-preshared-key`,
  /** Id of the secret that the keys came from: tells a new secret from the old one without reading it. */
  secretId: `${FOLDER}/credentials-id`,
  /** What the charm knew of the tunnel when it ran last; the check `news` compares it with what is. */
  seen: `${FOLDER}/seen`,
} as const;
