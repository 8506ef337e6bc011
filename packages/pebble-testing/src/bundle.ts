/** @module The stand-in as one file, for containers that have nothing but Node. */
import { bundleProgram } from './cache.ts';

/**
 * Bundles the stand-in into one .mjs that needs nothing but node:*, and answers its path.
 * @example node PATH run --create-dirs --hold --http :38813
 */
export function bundlePebble(): Promise<string> {
  bundled ??= bundleProgram('pebble-stand-in', new URL('main.ts', import.meta.url));
  return bundled;
}

let bundled: Promise<string> | undefined;
