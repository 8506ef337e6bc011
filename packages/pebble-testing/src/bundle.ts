/** @module The stand-in as one file, for containers that have nothing but Node. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder for what is built once and used by many runs: $XDG_CACHE_HOME/vpn-k8s or ~/.cache/vpn-k8s. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vpn-k8s');
}

/**
 * Bundles the stand-in into one .mjs that needs nothing but node:*, and answers its path.
 *
 * The path follows from the content, so that runs at the same time and of different versions do not disturb each other. Start it as
 * `node PATH run --create-dirs --hold --http :38813`.
 */
export function bundlePebble(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

let bundled: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    conditions: ['source'],
    write: false,
    legalComments: 'none',
    // Why: the YAML library is CommonJS inside and asks for node:* by require.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  const text = result.outputFiles[0]!.contents;
  const path = join(cacheDir(), `pebble-stand-in-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.mjs`);
  if (!existsSync(path)) writeAtomically(path, text);
  return path;
}

function writeAtomically(path: string, text: Uint8Array): void {
  mkdirSync(cacheDir(), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
