/** @module Where the packed charms lie. */

import { existsSync } from 'node:fs';
import type { Charms } from '../demo/applications.ts';

/** The charms that `npm run pack` made for this machine. @throws Error with that command when they are not there */
export function packedCharms(folder = 'out'): Charms {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const path = (name: string) => `./${folder}/${name}_${architecture}.charm`;
  const charms = { gateway: path('gluetun-k8s'), client: path('qbittorrent-k8s') };
  for (const file of Object.values(charms)) {
    if (!existsSync(file)) throw new Error(`There is no ${file}. Make it with: npm run pack`);
  }
  return charms;
}
