/** @module What should be in the gateway's container, pure: a Pebble layer with the service and its checks. */

import type { Layer } from '@vpn-k8s/pebble';
import { overlayCheck } from 'vpn-k8s-lib';
import type { Control } from './control.ts';
import { CONTAINER, EXIT_FILE, files, HEALTH_ADDRESS } from './names.ts';
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

/** Their failing and recovering make Juju run a hook; without a level they neither restart the pod nor take it out of Services. */
const ownChecks: NonNullable<Layer['checks']> = {
  exit: {
    override: 'replace',
    startup: 'enabled',
    period: '2s',
    timeout: '1s',
    threshold: 2,
    exec: { command: `test -s ${EXIT_FILE}` },
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

/** Whether gluetun itself says that its tunnel runs and knows the exit; the agent's probe judges the rest. */
export function isConnected(control: Control): boolean {
  return control.status === 'running' && control.publicIp !== undefined;
}
