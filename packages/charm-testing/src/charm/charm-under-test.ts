/** @module A charm as it lies in its directory: unpacked from a .charm file, or bundled from its sources for a test. */

import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type CharmMetadata, readMetadata } from './metadata.ts';

/** A charm's directory with an executable `dispatch`, and what it declares. */
export interface CharmUnderTest {
  readonly dir: string;
  readonly metadata: CharmMetadata;
}

/** @throws Error when `dir` is not an unpacked charm */
export function loadCharm(dir: string): CharmUnderTest {
  if (!existsSync(join(dir, 'dispatch'))) throw new Error(`${dir} has no dispatch: Juju would refuse this charm`);
  return { dir, metadata: readMetadata(dir) };
}

/** Where a charm's sources are. */
export interface CharmSources {
  /** Directory with metadata.yaml (or charmcraft.yaml), config.yaml and actions.yaml. */
  readonly dir: string;
  /** The bundle's entry; `src/charm.ts` in `dir` when left out. */
  readonly entry?: string;
  /** More files or directories of the charm: name in the charm to path here. */
  readonly files?: Readonly<Record<string, string>>;
}

const declarations = ['charmcraft.yaml', 'metadata.yaml', 'config.yaml', 'actions.yaml'];

/**
 * Bundles a charm as it is packed (one minified file, Node's dispatch) into a directory for tests. Its name follows from
 * what is in it, so that tests side by side do not disturb each other and do not fill the disk.
 *
 * @example const charm = await buildCharm({ dir: 'charms/qbittorrent-k8s' });
 */
export async function buildCharm(sources: CharmSources): Promise<CharmUnderTest> {
  const code = await bundle(sources.entry ?? join(sources.dir, 'src', 'charm.ts'));
  const charms = charmsFolder();
  const making = mkdtempSync(join(charms, 'making-'));
  chmodSync(making, 0o755);
  for (const name of declarations) {
    if (existsSync(join(sources.dir, name))) cpSync(join(sources.dir, name), join(making, name));
  }
  for (const [name, path] of Object.entries(sources.files ?? {})) cpSync(path, join(making, name), { recursive: true });
  writeFileSync(join(making, 'main.mjs'), code);
  writeFileSync(join(making, 'dispatch'), `#!/bin/sh\nexec '${process.execPath}' "$JUJU_CHARM_DIR/main.mjs"\n`);
  chmodSync(join(making, 'dispatch'), 0o755);
  const dir = join(charms, `${basename(sources.dir)}-${digestOf(making)}`);
  if (existsSync(dir)) rmSync(making, { recursive: true });
  else moved(making, dir);
  return loadCharm(dir);
}

/** Another user of this machine may have made the folder of that name. */
function charmsFolder(): string {
  for (let number = 0; ; number++) {
    const folder = join(tmpdir(), number === 0 ? 'vpn-k8s-charms' : `vpn-k8s-charms-${number}`);
    mkdirSync(folder, { recursive: true });
    if (isWritable(folder)) return folder;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Another process may have been first with the same content. */
function moved(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true });
  }
}

function digestOf(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(dir, name);
    if (statSync(path).isFile()) hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 12);
}

async function bundle(entry: string): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['source'],
    legalComments: 'none',
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}
