/** @module The stand-in as one executable file, and the image of it for the lab's node. */

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Image } from '../kubernetes/images.ts';
import { imageEnvironment } from './image-environment.ts';

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Where the image has its Node: the machine's own may lie on a file system that no container sees. */
const NODE = '/usr/lib/vpn-k8s-lab/node';
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/vpn-k8s/', import.meta.url));

/**
 * Bundles the stand-in into one file for the image's Node, executable there, and gives back its path. The same sources give the same path.
 * @throws Error when esbuild finds a fault in the sources
 */
export async function bundleGluetun(): Promise<string> {
  const made = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: `#!${NODE}` },
    conditions: ['source'],
  });
  const text = made.outputFiles[0]?.text ?? '';
  const path = join(CACHE, `gluetun-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.mjs`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  chmodSync(part, 0o755);
  renameSync(part, path);
  return path;
}

/**
 * The program to run as gluetun: the real one when GLUETUN_BIN names it, else the stand-in.
 * @example await gluetunProgram() // { path: '.../gluetun-0a1b2c3d4e5f.mjs', standIn: true }
 */
export async function gluetunProgram(env = process.env): Promise<{ path: string; standIn: boolean }> {
  const real = env.GLUETUN_BIN;
  return real ? { path: real, standIn: false } : { path: await bundleGluetun(), standIn: true };
}

/** The image `ghcr.io/qdm12/gluetun` for the lab's node: this machine's root file system, the program, the image's ENV lines. */
export async function gluetunImage(): Promise<Image> {
  const { path } = await gluetunProgram();
  return {
    rootfs: 'host',
    entrypoint: ['/gluetun-entrypoint'],
    env: imageEnvironment,
    files: [
      { path: '/gluetun-entrypoint', source: path },
      { path: NODE, source: realpathSync(process.execPath) },
    ],
  };
}
