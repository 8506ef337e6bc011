/** @module gluetun for the lab's node: the stand-in as one file, or the real program when GLUETUN_BIN names it. */

import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { keepFile } from '@vpn-k8s/pebble-testing';
import { bundleProgram, IMAGE_NODE } from '../bundle.ts';
import type { Image } from '../kubernetes/images.ts';
import { imageEnvironment } from './image-environment.ts';

/** Bundles the stand-in into one executable file and gives back its path. @throws Error when esbuild finds a fault in the sources */
export function bundleGluetun(): Promise<string> {
  return bundleProgram('gluetun', new URL('./main.ts', import.meta.url));
}

/**
 * The program to run as gluetun: the real one when GLUETUN_BIN names it, else the stand-in.
 * @example await gluetunProgram() // { path: '.../gluetun-0a1b2c3d4e5f.mjs', standIn: true }
 */
export async function gluetunProgram(env = process.env): Promise<{ path: string; standIn: boolean }> {
  const real = env.GLUETUN_BIN;
  return real ? { path: resolve(real), standIn: false } : { path: await bundleGluetun(), standIn: true };
}

/** The image `ghcr.io/qdm12/gluetun` for the lab's node: this machine's root file system, the program, the image's ENV lines. */
export async function gluetunImage(): Promise<Image> {
  const { path, standIn } = await gluetunProgram();
  const node = { path: IMAGE_NODE, source: realpathSync(process.execPath) };
  return {
    rootfs: 'host',
    entrypoint: ['/gluetun-entrypoint'],
    env: imageEnvironment,
    files: [{ path: '/gluetun-entrypoint', source: path }, ...(standIn ? [node] : alpineFiles())],
  };
}

/** What the real program looks for at its start and a Debian machine does not have (recorded). */
function alpineFiles(): { path: string; source: string }[] {
  const openvpn = '/usr/sbin/openvpn';
  const version = '#!/bin/sh\necho "OpenVPN 2.6.0 (none, only its version)"\n';
  return [
    { path: '/etc/alpine-release', source: keepFile({ name: 'alpine-release' }, '3.22.2\n') },
    {
      path: '/usr/bin/openvpn2.6',
      source: existsSync(openvpn) ? openvpn : keepFile({ name: 'openvpn2.6', executable: true }, version),
    },
  ];
}
