/** @module The keys out of the user's secret: read as seldom as possible, never shown. */

import { HookToolError, secretGet } from '@vpn-k8s/juju';
import type { WireGuardRules } from './providers.ts';
import { isKey } from './wireguard.ts';

/** Keys of one secret; nothing of this may reach plan, environment, log or status. */
export interface Keys {
  readonly privateKey: string;
  readonly presharedKey: string | undefined;
}

/** What came of reading. `known`: not read, the files in the container are of this secret. */
export type Credentials =
  | { readonly kind: 'known' }
  | { readonly kind: 'read'; readonly keys: Keys }
  | { readonly kind: 'refused'; readonly problem: string };

/** Reads the latest revision of the secret and checks its keys. */
export function readCredentials(id: string, rules: WireGuardRules, application: string): Credentials {
  try {
    return check(secretGet({ id, refresh: true }), rules);
  } catch (error) {
    if (!(error instanceof HookToolError)) throw error;
    const problem = `the secret of credentials cannot be read: juju grant-secret ${id.slice(0, 20)} ${application}`;
    return { kind: 'refused', problem };
  }
}

function check(content: Readonly<Record<string, string>>, rules: WireGuardRules): Credentials {
  const value = (name: string) => content[name]?.trim() || undefined;
  const [privateKey, presharedKey] = [value('private-key'), value('preshared-key')];
  const how = 'juju update-secret ... ';
  const refuse = (problem: string): Credentials => ({ kind: 'refused', problem });
  if (!privateKey) return refuse(`the secret of credentials has no private-key: ${how}private-key=...`);
  if (!isKey(privateKey))
    return refuse(`private-key in the secret is not 44 characters of base64: ${how}private-key=...`);
  if (presharedKey && !isKey(presharedKey)) {
    return refuse(`preshared-key in the secret is not 44 characters of base64: ${how}preshared-key=...`);
  }
  if (!presharedKey && rules.presharedKey === 'required') {
    return refuse(`the provider needs a preshared-key in the secret: ${how}preshared-key=...`);
  }
  return { kind: 'read', keys: { privateKey, presharedKey } };
}
