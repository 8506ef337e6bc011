/** @module The hash of a configuration: eight hexadecimal digits over what the init needs. */
import { createHash } from 'node:crypto';

/**
 * First 8 hexadecimal digits of SHA-256 over `key=value`, sorted by key and joined: what the Python family puts into the same
 * annotations, over other keys.
 * @example configHash({ VXLAN_ID: '42' })
 */
export function configHash(values: Readonly<Record<string, string>>): string {
  const text = Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('');
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
