/** @module Bundles a program of the lab into one file, since containers see neither the checkout nor its packages. */

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/vpn-k8s/', import.meta.url));

/** Where an image of the lab has its Node. */
export const IMAGE_NODE = '/usr/lib/vpn-k8s-lab/node';

/**
 * Bundles `entry` into an executable file for the image's Node and gives back its path; the same sources give the same path.
 * @throws Error when esbuild finds a fault in the sources
 */
export async function bundleProgram(name: string, entry: URL): Promise<string> {
  const made = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: `#!${IMAGE_NODE}` },
    conditions: ['source'],
    logLevel: 'error',
  });
  const text = made.outputFiles[0]?.text ?? '';
  const path = join(CACHE, `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.mjs`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  chmodSync(part, 0o755);
  renameSync(part, path);
  return path;
}
