/** @module What is made once and used by many runs: files of the user's cache, and programs bundled into one file each. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder for what is built once and used by many runs: $XDG_CACHE_HOME/vpn-k8s or ~/.cache/vpn-k8s. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vpn-k8s');
}

/** How a kept file is named and what it may do. */
export interface KeptFile {
  /** What the file's name begins with; the rest follows from its content. */
  readonly name: string;
  /** With its dot; none by default. */
  readonly extension?: string;
  readonly executable?: boolean;
}

/**
 * Keeps a text in the cache and answers its path, which follows from the content: runs at the same time and of different versions
 * do not disturb each other.
 * @example keepFile({ name: 'pebble', executable: true }, '#!/bin/sh\n') // '/root/.cache/vpn-k8s/pebble-0a1b2c3d4e5f'
 */
export function keepFile({ name, extension = '', executable = false }: KeptFile, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(cacheDir(), `${name}-${digest}${extension}`);
  if (existsSync(path)) return path;
  mkdirSync(cacheDir(), { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  chmodSync(part, executable ? 0o755 : 0o644);
  renameSync(part, path);
  return path;
}

/** Why: some libraries (yaml) are CommonJS inside and ask for node:* by require. */
const REQUIRE = `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`;

/**
 * Bundles a program into one .mjs that needs nothing but node:*, and answers its path; the same sources give the same path.
 * @param interpreter path of the Node that is to run it when it is executed by itself
 * @throws Error when esbuild finds a fault in the sources
 */
export async function bundleProgram(name: string, entry: URL, interpreter?: string): Promise<string> {
  const { build } = await import('esbuild');
  const made = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    conditions: ['source'],
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: interpreter === undefined ? REQUIRE : `#!${interpreter}\n${REQUIRE}` },
  });
  const text = made.outputFiles[0]?.text ?? '';
  return keepFile({ name, extension: '.mjs', executable: interpreter !== undefined }, text);
}
