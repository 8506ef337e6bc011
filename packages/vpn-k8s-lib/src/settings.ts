/** @module The files of an agent's ConfigMap and the hash that the pod proves. */
import { type Settings, settingsText } from '@vpn-k8s/net';
import { configHash } from './hash.ts';

/** Settings that change while a pod runs; the agent reads them again, so they restart nothing. */
const LIVE_SETTINGS = ['VXLAN_MTU', 'CLIENT_NAMES'];

/**
 * The data of a ConfigMap: settings.sh with the hash in it, and the scripts. The hash covers the scripts as well: a lock made by
 * an older one is not the lock that is wanted.
 * @throws Refusal when a value could be read as anything but a plain word by a shell
 */
export function agentData(
  settings: Settings,
  scripts: Readonly<Record<string, string>>,
): { data: Record<string, string>; hash: string } {
  const fixed = Object.fromEntries(Object.entries(settings).filter(([key]) => !LIVE_SETTINGS.includes(key)));
  const hash = configHash({ ...fixed, ...scripts });
  return { hash, data: { 'settings.sh': settingsText({ ...settings, CONFIG_HASH: hash }), ...scripts } };
}
