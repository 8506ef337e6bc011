/** @module What should be in the gateway's container, pure: a Pebble layer with the service and its checks. */

import type { Layer } from '@vpn-k8s/pebble';
import { overlayCheck } from 'vpn-k8s-lib';
import type { Control } from './control.ts';
import { CONTAINER, EXIT_FILE, files, HEALTH_ADDRESS, OVERLAY_ALIAS } from './names.ts';
import type { Settings } from './settings.ts';

/**
 * Why: a gluetun that was killed leaves its rules of table 51820, and the next one stays `crashed` until they are gone (recorded).
 * Its filter rules stay: they hold the pod closed meanwhile.
 */
const COMMAND =
  'while ip rule del table 51820 2>/dev/null; do :; done; ' +
  'while ip -6 rule del table 51820 2>/dev/null; do :; done; ' +
  'exec /gluetun-entrypoint';

/** The layer for these settings. */
export function desiredLayer(settings: Settings): Layer {
  return {
    services: {
      [CONTAINER]: {
        override: 'replace',
        summary: 'gluetun',
        command: `/bin/sh -c "${COMMAND}"`,
        startup: 'disabled',
        environment: {
          ...settings.environment,
          WIREGUARD_PRIVATE_KEY_SECRETFILE: files.privateKey,
          WIREGUARD_PRESHARED_KEY_SECRETFILE: files.presharedKey,
        },
        'on-failure': 'restart',
        'on-success': 'restart',
        'backoff-delay': '500ms',
        'backoff-limit': '10s',
        'kill-delay': '10s',
      },
    },
    checks: { ...overlayCheck().checks, ...ownChecks },
  };
}

/**
 * Exits 0 while the tunnel is as the charm knew it. One process, no further ones: everything here is built into the shell.
 * Why: a check that fails less often than its threshold and then succeeds makes no event, so a tunnel that comes up quickly would
 * never be told; and a new exit address changes nothing that the other checks see.
 */
const NEWS =
  `s=down; read -r _ w <${OVERLAY_ALIAS}; ` +
  `if [ \\"$w\\" = up ]; then read -r a <${EXIT_FILE}; [ -z \\"$a\\" ] || s=\\"up $a\\"; fi; ` +
  `read -r k <${files.seen}; [ \\"$k\\" = \\"$s\\" ]`;

/** Their failing and recovering make Juju run a hook; without a level they neither restart the pod nor take it out of Services. */
const ownChecks: NonNullable<Layer['checks']> = {
  news: {
    override: 'replace',
    startup: 'enabled',
    period: '2s',
    timeout: '1s',
    threshold: 1,
    exec: { command: `/bin/sh -c "${NEWS}"` },
  },
  health: {
    override: 'replace',
    startup: 'enabled',
    period: '10s',
    timeout: '3s',
    threshold: 3,
    http: { url: `http://${HEALTH_ADDRESS}/` },
  },
};

/** The tunnel as the check `news` puts it: `down`, or `up` and the exit's address. */
export function seenText(control: Control, overlay: string | undefined): string {
  return overlay === 'up' && control.publicIp !== undefined ? `up ${control.publicIp}` : 'down';
}

/** Whether gluetun itself says that its tunnel runs and knows the exit; the agent's probe judges the rest. */
export function isConnected(control: Control): boolean {
  return control.status === 'running' && control.publicIp !== undefined;
}
