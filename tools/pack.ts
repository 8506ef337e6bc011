/**
 * @module Packs the charms.
 *
 *     npm run pack                                  all charms for this machine's architecture
 *     npm run pack -- gluetun-k8s --arch arm64      one charm for another
 */

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { packCharm } from './charm-archive.ts';
import { type Architecture, architectures, ownArchitecture } from './node-binary.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { arch: { type: 'string', default: ownArchitecture }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log('npm run pack -- [CHARM ...] [--arch amd64|arm64]   packs charms into out/');
  process.exit(0);
}
if (!(values.arch in architectures)) {
  console.error(`The architecture "${values.arch}" is not one of ${Object.keys(architectures).join(', ')}.`);
  process.exit(2);
}
for (const name of positionals.length > 0 ? positionals : readdirSync('charms')) {
  const started = Date.now();
  const { path, bytes, made } = await packCharm(name, values.arch as Architecture);
  const how = made ? `packed in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'unchanged';
  console.log(`${path}  ${(bytes / 1e6).toFixed(1)} MB  ${how}`);
}
