/** @module The two charms that were recorded, rebuilt from what the recordings show of them. */

import type { Charm } from '../charm/archive.ts';
import { parseMetadata } from '../charm/metadata.ts';
import { parseActions, parseOptions } from '../charm/options.ts';

const both = {
  summary: 'recorder',
  description: 'writes down what Juju does',
  provides: { db: { interface: 'kv' } },
  requires: { link: { interface: 'kv' } },
  peers: { peers: { interface: 'peers' } },
};
const options = {
  options: {
    word: { type: 'string', default: 'hello' },
    num: { type: 'int', default: 7 },
    ratio: { type: 'float', default: 1.5 },
    flag: { type: 'boolean', default: false },
    crash: { type: 'boolean', default: false },
    patch: { type: 'string', default: '' },
    nodefault: { type: 'string' },
    sec: { type: 'secret' },
  },
};
const actions = {
  probe: { description: 'answers', params: { text: { type: 'string' }, count: { type: 'integer', default: 3 } } },
  'fail-it': { description: 'fails' },
  die: { description: 'exits 3' },
};

function charm(metadata: Record<string, unknown>): Charm {
  return {
    metadata: parseMetadata({ ...both, ...metadata }),
    base: { name: 'ubuntu', channel: '24.04' },
    architectures: ['amd64'],
    options: parseOptions(options),
    actions: parseActions(actions),
    version: '',
    hash: '',
    archive: Buffer.alloc(0),
  };
}

/** With container, storage and image (alpha, beta). */
export const full = charm({
  name: 'full',
  containers: { web: { resource: 'web-image', mounts: [{ storage: 'data', location: '/data' }] } },
  resources: { 'web-image': { type: 'oci-image' } },
  storage: { data: { type: 'filesystem', 'minimum-size': '1M' } },
});

/** Without container and storage, with a file (gamma, delta, eps, zeta). */
export const mini = charm({ name: 'mini', resources: { conf: { type: 'file', filename: 'conf.txt' } } });
