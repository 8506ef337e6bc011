/** @module The two images of Juju for the lab's node: jujud-operator (charm-init) and charm-base. */

import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildPebble, bundlePebble, cacheDir, keepFile } from '@vpn-k8s/pebble-testing';
import { bundleProgram, IMAGE_NODE } from '../bundle.ts';
import type { Image } from '../kubernetes/images.ts';

/** Which Juju the images belong to. */
export interface JujuImageOptions {
  readonly version?: string;
  /** Prefix of the references, as `caas-image-repo` of a controller. */
  readonly repo?: string;
  /** `real` needs Go or a Pebble built before; `any` takes the real one if it can be had. */
  readonly pebble?: 'any' | 'stand-in' | 'real';
}

/** The version that the stand-in imitates. */
export const JUJU_VERSION = '4.0.15';
/** Where Juju 4 takes its images from. */
export const JUJU_REPO = 'ghcr.io/juju';
const BASES = ['20.04', '22.04', '24.04', '26.04'];

/**
 * Images by reference, ready for `Images.set`.
 *
 * @example for (const [reference, image] of Object.entries(await jujuImages())) images.set(reference, image);
 */
export async function jujuImages(options: JujuImageOptions = {}): Promise<Record<string, Image>> {
  const { version = JUJU_VERSION, repo = JUJU_REPO } = options;
  const opt = await programs(options.pebble ?? 'any');
  const node = { path: IMAGE_NODE, source: realpathSync(process.execPath) };
  const operator: Image = { rootfs: 'host', files: [node, ...opt] };
  const base: Image = { rootfs: 'host', files: [node] };
  const bases = BASES.map((channel): [string, Image] => [`${repo}/charm-base:ubuntu-${channel}`, base]);
  return Object.fromEntries([[`${repo}/jujud-operator:${version}`, operator], ...bases]);
}

async function programs(pebble: 'any' | 'stand-in' | 'real'): Promise<{ path: string; source: string }[]> {
  const agent = { path: '/opt/containeragent', source: await bundleAgent() };
  const real = pebble === 'stand-in' ? undefined : await buildPebble().catch(() => undefined);
  if (real) return [agent, { path: '/opt/pebble', source: real }];
  if (pebble === 'real') throw new Error('There is no real Pebble here; see whyNoPebble() of pebble-testing.');
  const { program, files } = await standInPebble();
  return [agent, { path: '/opt/pebble', source: program }, { path: '/opt/pebble-stand-in', source: files }];
}

/** Bundles the agent into one executable file for the image's Node; the same sources give the same path. */
export function bundleAgent(): Promise<string> {
  return bundleProgram('containeragent', new URL('./agent/main.ts', import.meta.url));
}

/**
 * Pebble as the stand-in: a shell script that finds Node and the program beside itself, or beside the socket.
 * Why: Kubernetes mounts only the one file /charm/bin/pebble into a workload container.
 */
async function standInPebble(): Promise<{ program: string; files: string }> {
  const bundle = await bundlePebble();
  const directory = join(cacheDir(), 'lab', basename(bundle, '.mjs'));
  if (!existsSync(directory)) {
    const part = `${directory}.${process.pid}`;
    mkdirSync(part, { recursive: true });
    copyFileSync(bundle, join(part, 'pebble.mjs'));
    copyFileSync(realpathSync(process.execPath), join(part, 'node'));
    chmodSync(join(part, 'node'), 0o755);
    placed(part, directory);
  }
  const script = [
    '#!/bin/sh',
    'for at in /charm/container /charm/bin; do',
    '  [ -x "$at/.pebble-stand-in/node" ] && exec "$at/.pebble-stand-in/node" "$at/.pebble-stand-in/pebble.mjs" "$@"',
    'done',
    'echo "pebble: the stand-in has no Node here" >&2',
    'exit 1',
    '',
  ].join('\n');
  return { program: keepFile({ name: 'pebble-in-container', executable: true }, script), files: directory };
}

function placed(part: string, directory: string): void {
  try {
    renameSync(part, directory);
  } catch {
    rmSync(part, { recursive: true, force: true });
  }
}
