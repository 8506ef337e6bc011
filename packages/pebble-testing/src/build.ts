/** @module The real Pebble, built once from its Go module where Go is installed. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from './cache.ts';

/** The version that go.mod pins and the recordings are from. */
export const pebbleVersion = 'v1.26.0';

/** Why there is no real Pebble here; undefined when it is built or can be. */
export function whyNoPebble(): string | undefined {
  if (existsSync(binary())) return undefined;
  const version = goVersion();
  if (version === undefined)
    return 'Go is not installed (the real Pebble is built from its Go module; apt-get install golang-go, 1.22 or newer)';
  return version < 22 ? `Go 1.${version} is too old to build Pebble (1.22 or newer)` : undefined;
}

/**
 * Path of the real Pebble's binary, built in half a minute the first time; undefined where whyNoPebble says why.
 *
 * Throws Error with Go's output when the build fails, for example because the module proxy cannot be reached.
 */
export async function buildPebble(): Promise<string | undefined> {
  if (whyNoPebble() !== undefined) return undefined;
  if (existsSync(binary())) return binary();
  mkdirSync(cacheDir(), { recursive: true });
  const dir = mkdtempSync(join(cacheDir(), 'pebble-build-'));
  try {
    // Why copied: Go writes into the folder of go.mod, and two runs may build at once.
    for (const name of ['go.mod', 'go.sum'])
      copyFileSync(new URL(`../pebble/${name}`, import.meta.url), join(dir, name));
    const flags = [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-ldflags',
      '-s -w',
      '-o',
      'pebble',
      'github.com/canonical/pebble/cmd/pebble',
    ];
    await promisify(execFile)('go', flags, { cwd: dir, env: { ...process.env, CGO_ENABLED: '0' } });
    renameSync(join(dir, 'pebble'), binary());
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return binary();
}

function binary(): string {
  return join(cacheDir(), `pebble-${pebbleVersion}`);
}

function goVersion(): number | undefined {
  try {
    const text = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/^go1\.(\d+)/.exec(text)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}
