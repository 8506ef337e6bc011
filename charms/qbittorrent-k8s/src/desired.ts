/** @module What should be, pure: the Pebble layer and the keys of qBittorrent.conf. */

import type { Layer } from '@vpn-k8s/pebble';
import { vpnCheck } from 'vpn-k8s-lib';
import type { ConfValues } from './conf.ts';
import { CONTAINER, WEB_PORT } from './config.ts';
import type { Facts } from './gather.ts';

/** The state that the charm wants in its own unit. */
export interface Desired {
  readonly layer: Layer;
  readonly conf: ConfValues;
}

/** The layer and configuration for these facts. */
export function desired(facts: Facts): Desired {
  return { layer: { ...service(facts), ...check(facts) }, conf: conf(facts) };
}

/** `startup: disabled`, since only the verdict starts it: neither Pebble's replan nor a restart of the container does. */
function service({ config }: Facts): Layer {
  const { uid, gid } = config;
  return {
    services: {
      [CONTAINER]: {
        override: 'replace',
        summary: 'qBittorrent without a desktop',
        command: `qbittorrent-nox --profile=/config --webui-port=${WEB_PORT}`,
        startup: 'disabled',
        'user-id': uid,
        'group-id': gid,
        environment: { HOME: '/config', XDG_CONFIG_HOME: '/config', LANG: 'C.UTF-8' },
        'kill-delay': '20s',
      },
    },
  };
}

/** Wakes the charm when the tunnel fails or comes back; without a relation there is nothing to dial. */
function check({ verdict, workload }: Facts): Layer {
  if (verdict.gateway) return vpnCheck(verdict.gateway.dnsIp);
  if (verdict.state !== 'unrelated') return {};
  const left = workload?.plan.checks.vpn;
  return left ? { checks: { vpn: { ...left, override: 'replace', startup: 'disabled' } } } : {};
}

/** Bound to the tunnel's interface, which is one more lock; UPnP off, since it would ask the wrong router. */
function conf({ config, verdict }: Facts): ConfValues {
  const protectedPod = verdict.gateway !== undefined || !config.unsafeMode;
  const link = protectedPod ? 'vxlan0' : '';
  return {
    LegalNotice: { Accepted: 'true' },
    BitTorrent: {
      'Session\\DefaultSavePath': '/downloads',
      'Session\\Interface': link,
      'Session\\InterfaceName': link,
      'Session\\Port': String(verdict.gateway?.forwardedPorts[0] ?? config.listenPort),
    },
    Network: { PortForwardingEnabled: 'false' },
    Preferences: { 'WebUI\\Port': String(WEB_PORT), 'WebUI\\UseUPnP': 'false' },
  };
}
