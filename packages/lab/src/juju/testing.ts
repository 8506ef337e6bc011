/** @module A small charm in shell for tests of the Juju stand-in, packed as a .charm. */

import { writeFileSync } from 'node:fs';
import { ZipFile } from 'yazl';

const DISPATCH = `#!/bin/sh
# Tells its hook as status; copies its configuration into its databags.
hook=\${JUJU_DISPATCH_PATH#*/}
if [ -z "$JUJU_HOOK_NAME" ]; then
  action-set "uid=$(id -u)" "text=$(action-get text)"
  [ "$hook" = die ] && exit 3
  exit 0
fi
[ "$(config-get crash)" = True ] && exit 3
echo "$hook on stdout"
for id in $(relation-ids kv) $(relation-ids link); do relation-set -r "$id" "word=$(config-get word)"; done
[ "$hook" = start ] && open-port 8080/tcp
env | sort > "$JUJU_CHARM_DIR/env.$hook"
status-set active "$hook $JUJU_REMOTE_UNIT"
exit 0
`;

const CONFIG = `options:
  word: {type: string, default: hello}
  crash: {type: boolean, default: false}
`;
const ACTIONS = `probe:
  description: says who runs it
  params:
    text: {type: string, default: none}
die:
  description: exits 3
`;

/** What of the charm differs. */
export interface ShellCharm {
  readonly name: string;
  readonly user?: 'root' | 'non-root';
  readonly container?: boolean;
}

/** Packs the charm into \`path\`. */
export async function packShellCharm(path: string, { name, user, container = true }: ShellCharm): Promise<void> {
  const metadata = {
    name,
    summary: 'a charm in shell',
    description: 'for tests',
    ...(user ? { 'charm-user': user } : {}),
    provides: { kv: { interface: 'kv' } },
    requires: { link: { interface: 'kv' } },
    peers: { peers: { interface: 'peers' } },
    ...(container
      ? { containers: { web: { resource: 'web-image' } }, resources: { 'web-image': { type: 'oci-image' } } }
      : {}),
  };
  const zip = new ZipFile();
  const add = (text: string, file: string, mode = 0o100644) => zip.addBuffer(Buffer.from(text), file, { mode });
  add(JSON.stringify(metadata), 'metadata.yaml');
  add(JSON.stringify({ bases: [{ name: 'ubuntu', channel: '24.04', architectures: ['amd64'] }] }), 'manifest.yaml');
  add(CONFIG, 'config.yaml');
  add(ACTIONS, 'actions.yaml');
  add(DISPATCH, 'dispatch', 0o100755);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  writeFileSync(path, Buffer.concat(chunks));
}
