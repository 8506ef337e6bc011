/** @module Bundles a program of the lab into one file, since containers see neither the checkout nor its packages. */

import { bundleProgram as bundle } from '@vpn-k8s/pebble-testing';

/** Where an image of the lab has its Node. */
export const IMAGE_NODE = '/usr/lib/vpn-k8s-lab/node';

/**
 * Bundles `entry` into an executable file for the image's Node and gives back its path; the same sources give the same path.
 * @throws Error when esbuild finds a fault in the sources
 */
export function bundleProgram(name: string, entry: URL): Promise<string> {
  return bundle(name, entry, IMAGE_NODE);
}
