/** @module The charm's configuration: parsed once, refused with what was seen and what is allowed. */

import type { Config } from '@vpn-k8s/juju';

/** Container of the workload, which is also its Pebble service. */
export const CONTAINER = 'qbittorrent';
/** Port of the web interface, which is opened on the Service and in the pod's lock. */
export const WEB_PORT = 8080;

/** The configuration as the charm uses it. */
export interface CharmConfig {
  readonly unsafeMode: boolean;
  readonly listenPort: number;
  readonly uid: number;
  readonly gid: number;
  readonly overrides: { readonly agentImage?: string; readonly clusterCidrs?: string };
}

/** The parsed configuration, and a sentence for each value that was refused (its default is used meanwhile). */
export interface ParsedConfig {
  readonly config: CharmConfig;
  readonly problems: readonly string[];
}

/** Reads `config-get` of config.yaml. */
export function parseConfig(raw: Config): ParsedConfig {
  const problems: string[] = [];
  const number = (option: string, fallback: number, low: number, high: number, taken?: number): number => {
    const value = raw[option] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high && value !== taken)
      return value;
    const except = taken === undefined ? '' : ` except ${taken}`;
    problems.push(`config ${option} is ${value}; it must be ${low} to ${high}${except}`);
    return fallback;
  };
  const config = {
    unsafeMode: raw['unsafe-mode'] === true,
    listenPort: number('listen-port', 6881, 1024, 65535, WEB_PORT),
    uid: number('uid', 1000, 0, 65534, 170),
    gid: number('gid', 1000, 0, 4294967294, 65170),
    overrides: { ...text(raw, 'agent-image', 'agentImage'), ...text(raw, 'cluster-cidrs', 'clusterCidrs') },
  };
  return { config, problems };
}

function text<K extends string>(raw: Config, option: string, key: K): Partial<Record<K, string>> {
  const value = raw[option];
  return typeof value === 'string' && value.trim() !== '' ? ({ [key]: value.trim() } as Record<K, string>) : {};
}
