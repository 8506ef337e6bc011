/** @module A charm as it lies in its directory: unpacked from a .charm file, or bundled from its sources for a test. */

import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
 * Bundles a charm as it is packed (one minified file, Node's dispatch) into a directory for tests. Each
 * process of tests has its own.
 *
 * @example const charm = await buildCharm({ dir: 'charms/qbittorrent-k8s' });
 */
export async function buildCharm(sources: CharmSources): Promise<CharmUnderTest> {
  const code = await bundle(sources.entry ?? join(sources.dir, 'src', 'charm.ts'));
  const hash = createHash('sha256').update(code).update(sources.dir).update(String(process.pid)).digest('hex');
  const dir = join(tmpdir(), 'vpn-k8s-charms', `${basename(sources.dir)}-${hash.slice(0, 12)}`);
  rmSync(dir, { recursive: true, force: true });
  const making = `${dir}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  for (const name of declarations) {
    if (existsSync(join(sources.dir, name))) cpSync(join(sources.dir, name), join(making, name));
  }
  for (const [name, path] of Object.entries(sources.files ?? {})) cpSync(path, join(making, name), { recursive: true });
  writeFileSync(join(making, 'main.mjs'), code);
  writeFileSync(join(making, 'dispatch'), `#!/bin/sh\nexec '${process.execPath}' "$JUJU_CHARM_DIR/main.mjs"\n`);
  chmodSync(join(making, 'dispatch'), 0o755);
  renameSync(making, dir);
  return loadCharm(dir);
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
