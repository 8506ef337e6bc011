/** @module Makes a .charm file: the zip that `juju deploy ./x.charm` takes, the same bytes from the same inputs. */

import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'yaml';
import { ZipFile } from 'yazl';
import { bundleCharm } from './bundle.ts';
import { type Architecture, nodeFolder, nodeIdentity } from './node-binary.ts';

/** A file of the archive: its path, its bytes, its mode, and what stands for the bytes in the archive's digest. */
interface Entry {
  readonly path: string;
  content(): Buffer;
  readonly mode: number;
  readonly identity: string;
}

/** Zip times before 1980 do not exist; the same time in every archive makes the bytes repeatable. */
const EPOCH = new Date(1980, 0, 1);
const SCRIPTS = 'packages/vpn-k8s-lib/src/agent';

/** A packed charm. */
export interface Packed {
  readonly path: string;
  readonly bytes: number;
  /** False when the archive was there already, made from the same inputs. */
  readonly made: boolean;
}

/** What a packed charm is made of besides `charms/<name>`. */
export interface PackOptions {
  readonly architecture: Architecture;
  /** Folder of the archives, `out` by default. */
  readonly out?: string;
  /** Folder of other agent scripts than ours, for comparisons and for tests of the lab itself. */
  readonly agent?: string;
}

/** Packs `charms/<name>` into `<out>/<name>_<architecture>.charm`, unless it is there already, made from the same inputs. */
export async function packCharm(name: string, options: PackOptions): Promise<Packed> {
  const { architecture, out = 'out', agent = SCRIPTS } = options;
  const entries = await charmEntries(name, architecture, agent);
  const path = join(out, `${name}_${architecture}.charm`);
  const digest = digestOf(entries);
  const stamp = `${path}.sha256`;
  const made = !(existsSync(path) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest);
  if (made) {
    mkdirSync(dirname(path), { recursive: true });
    await writeZip(path, entries);
    writeFileSync(stamp, digest);
  }
  return { path, bytes: statSync(path).size, made };
}

async function charmEntries(name: string, architecture: Architecture, agent: string): Promise<Entry[]> {
  const folder = join('charms', name);
  const node = nodeFolder(architecture);
  const { code } = await bundleCharm(name);
  const plain = ['metadata.yaml', 'config.yaml', 'actions.yaml', 'README.md', 'icon.svg'];
  const files = plain.filter((file) => existsSync(join(folder, file))).map((file) => read(join(folder, file), file));
  return [
    ...files,
    text('manifest.yaml', manifest(architecture)),
    text('version', `${JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version}\n`),
    text('main.mjs', code),
    read('tools/dispatch', 'dispatch', 0o755),
    read('LICENSE', 'LICENSE'),
    read(join(node, 'LICENSE'), 'LICENSE.node'),
    ...readdirSync(agent)
      .filter((file) => file.endsWith('.sh'))
      .map((file) => read(join(agent, file), `agent/${file}`)),
    {
      path: 'node',
      content: () => readFileSync(join(node, 'bin', 'node')),
      mode: 0o755,
      // Why: its 127 MB need not be read to know that the archive is still right.
      identity: nodeIdentity(architecture),
    },
  ];
}

/** What Juju needs to choose the charm's base image (reference: charm format v2, `bases`). */
function manifest(architecture: Architecture): string {
  return stringify({ bases: [{ name: 'ubuntu', channel: '24.04/stable', architectures: [architecture] }] });
}

function text(path: string, content: string | Buffer, mode = 0o644): Entry {
  return { path, content: () => Buffer.from(content), mode, identity: sha256(content) };
}

const read = (from: string, path: string, mode = 0o644): Entry => text(path, readFileSync(from), mode);

function digestOf(entries: Entry[]): string {
  return sha256(entries.map(({ path, mode, identity }) => `${path} ${mode} ${identity}`).join('\n'));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function writeZip(path: string, entries: Entry[]): Promise<void> {
  const zip = new ZipFile();
  for (const entry of entries)
    zip.addBuffer(entry.content(), entry.path, { mode: 0o100000 | entry.mode, mtime: EPOCH });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
