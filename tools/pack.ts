/**
 * @module Packs the charms.
 *
 *     npm run pack                                  all charms for this machine's architecture
 *     npm run pack -- gluetun-k8s --arch arm64      one charm for another
 *     npm run pack -- --agent DIR --out DIR         with other agent scripts, into another folder
 */

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { packCharm } from './charm-archive.ts';
import { type Architecture, architectures, ownArchitecture } from './node-binary.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    arch: { type: 'string', default: ownArchitecture },
    out: { type: 'string', default: 'out' },
    agent: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log('npm run pack -- [CHARM ...] [--arch amd64|arm64] [--agent DIR] [--out DIR]   packs charms into out/');
  process.exit(0);
}
if (!(values.arch in architectures)) {
  console.error(`The architecture "${values.arch}" is not one of ${Object.keys(architectures).join(', ')}.`);
  process.exit(2);
}
for (const name of positionals.length > 0 ? positionals : readdirSync('charms')) {
  const started = Date.now();
  const { out, agent } = values;
  const options = { architecture: values.arch as Architecture, out, ...(agent ? { agent } : {}) };
  const { path, bytes, made } = await packCharm(name, options);
  const how = made ? `packed in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'unchanged';
  console.log(`${path}  ${(bytes / 1e6).toFixed(1)} MB  ${how}`);
}
