/** @module Reads a packed charm (.charm) with the checks and refusals of `juju deploy ./x.charm`. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type CharmMetadata, type Mapping, parseMetadata, shown } from './metadata.ts';
import { type CharmAction, type ConfigOption, parseActions, parseOptions } from './options.ts';
import { readZip } from './zip.ts';

/** A charm as the controller keeps it: what its YAML files say, and the archive that agents download. */
export interface Charm {
  readonly metadata: CharmMetadata;
  readonly base: { readonly name: string; readonly channel: string };
  readonly architectures: readonly string[];
  readonly options: Readonly<Record<string, ConfigOption>>;
  readonly actions: Readonly<Record<string, CharmAction>>;
  /** Free text of the file `version`, shown in status. */
  readonly version: string;
  /** First characters of the archive's sha256: the identity of this content. */
  readonly hash: string;
  readonly archive: Buffer;
}

/**
 * Opens a packed charm.
 *
 * Throws a sentence for what Juju refuses: a path that does not look local, a directory, no zip, missing metadata.yaml
 * or manifest.yaml, no dispatch. Sources: core/charm/charmpath.go, domain/deployment/charm/charmarchive.go of Juju 4.0.
 *
 * @example readCharm('./gluetun-k8s_amd64.charm').metadata.name // 'gluetun-k8s'
 */
export function readCharm(path: string): Charm {
  if (!/^[./]/.test(path))
    throw new Error(
      `charm path ${shown(path)} does not begin with . or /: Juju would look for it on Charmhub, write ./${path}`,
    );
  let archive: Buffer;
  try {
    archive = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR')
      throw new Error(`deploying from directory not supported: ${path}, pack the charm first`);
    throw new Error(`charm ${path} cannot be read: ${(error as Error).message}`);
  }
  return charmOf(archive);
}

/** The charm in these bytes; see `readCharm`. */
export function charmOf(archive: Buffer): Charm {
  const files = new Map(readZip(archive).map((entry) => [entry.path, entry]));
  const yaml = (name: string): Mapping | undefined => parseYaml(name, files.get(name)?.content());
  const metadata = yaml('metadata.yaml');
  if (!metadata) throw new Error('archive file "metadata.yaml" not found');
  if (!files.has('dispatch') && ![...files.keys()].some((path) => path.startsWith('hooks/'))) {
    throw new Error('charm must contain a dispatch file or at least one hook in hooks/');
  }
  return {
    metadata: parseMetadata(metadata),
    ...parseManifest(yaml('manifest.yaml')),
    options: parseOptions(yaml('config.yaml') ?? {}),
    actions: parseActions(yaml('actions.yaml') ?? {}),
    version: files.get('version')?.content().toString().trim() ?? '',
    hash: createHash('sha256').update(archive).digest('hex').slice(0, 8),
    archive,
  };
}

function parseYaml(name: string, content: Buffer | undefined): Mapping | undefined {
  if (content === undefined) return undefined;
  const value: unknown = parse(content.toString());
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`${name} is not a mapping: ${shown(value)}`);
  return value as Mapping;
}

function parseManifest(manifest: Mapping | undefined): Pick<Charm, 'base' | 'architectures'> {
  const bases = manifest?.bases;
  if (!Array.isArray(bases) || bases.length === 0)
    throw new Error('charm metadata without bases in manifest not valid');
  const base = bases[0] as { name?: unknown; channel?: unknown; architectures?: unknown };
  const channel = String(base.channel).split('/')[0] ?? '';
  if (base.name !== 'ubuntu' || !/^\d\d\.04$/.test(channel)) {
    throw new Error(
      `base ${shown(`${base.name}@${base.channel}`)} is not supported: Juju's charm-base images are ubuntu 20.04 to 26.04`,
    );
  }
  const architectures = Array.isArray(base.architectures) ? base.architectures.map(String) : ['amd64'];
  return { base: { name: 'ubuntu', channel }, architectures };
}
