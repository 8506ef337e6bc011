/** @module Builds the toolbox image's root file system from files of Debian packages on this machine, once for each set of versions. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '@vpn-k8s/pebble-testing';
import { applets, debianPackages, directories, files, programs, xtablesLinks } from './contents.ts';

/** Debian packages that the image is made of and that this machine has not. */
export class MissingPackages extends Error {
  readonly packages: readonly string[];

  constructor(packages: readonly string[]) {
    super(
      `The toolbox image is made of Debian packages, and this machine has no ${packages.join(', ')}. ` +
        `Install them: apt-get install --no-install-recommends ${packages.join(' ')}`,
    );
    this.name = 'MissingPackages';
    this.packages = packages;
  }
}

/**
 * The path of the image's root file system; it is made when the cache has none of these versions.
 * @throws MissingPackages
 * @example const rootfs = await buildToolbox(); // '/root/.cache/vpn-k8s/toolbox-1f0c3a9d2b4e'
 */
export async function buildToolbox(): Promise<string> {
  const target = join(cacheDir(), `toolbox-${digest(installedVersions())}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  fill(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
  return target;
}

/** `name version` of each package, from dpkg(1). @throws MissingPackages */
export function installedVersions(names: readonly string[] = debianPackages): string[] {
  const found = new Map(names.map((name) => [name, versionOf(name)]));
  const missing = names.filter((name) => !found.get(name));
  if (missing.length > 0) throw new MissingPackages(missing);
  return names.map((name) => `${name} ${found.get(name)}`);
}

function versionOf(name: string): string {
  try {
    const format = ['-W', '-f', '${db:Status-Abbrev} ${Version}', name];
    const [status, version = ''] = execFileSync('dpkg-query', format, { encoding: 'utf8', stdio: 'pipe' }).split(/\s+/);
    return status === 'ii' ? version : '';
  } catch {
    return '';
  }
}

/** Contents and versions in 12 hex digits: the image is made anew when either changes. */
function digest(versions: string[]): string {
  const parts = [versions, programs, applets, files, directories, xtablesLinks()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

function fill(root: string): void {
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  for (const [path, candidates] of Object.entries(programs)) copy(root, candidates.find(existsSync) ?? path, path);
  copyXtablesModules(root);
  if (existsSync('/etc/iproute2')) cpSync('/etc/iproute2', join(root, 'etc/iproute2'), { recursive: true });
  for (const [link, target] of xtablesLinks()) symlinkSync(target, join(root, link));
  const present = new Set(execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n'));
  for (const applet of applets.filter((name) => present.has(name))) symlinkSync('busybox', join(root, 'bin', applet));
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Copies a file and the libraries that ldd(1) finds for it, each to the path where it is looked for. */
function copy(root: string, source: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  copyFileSync(source, join(root, path));
  for (const library of libraries(source)) {
    if (existsSync(join(root, library))) continue;
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
}

function libraries(source: string): string[] {
  try {
    const text = execFileSync('ldd', [source], { encoding: 'utf8', stdio: 'pipe' });
    return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] as string);
  } catch {
    return []; // a static program: ldd says "not a dynamic executable" and fails
  }
}

/** The matches and targets of iptables are loaded at run time, from the folder that the program was built with. */
function copyXtablesModules(root: string): void {
  const listed = execFileSync('dpkg-query', ['-L', 'iptables'], { encoding: 'utf8' });
  const folder = listed.split('\n').find((path) => path.endsWith('/xtables'));
  if (!folder) return;
  for (const name of readdirSync(folder)) copy(root, join(folder, name), join(folder, name));
}
