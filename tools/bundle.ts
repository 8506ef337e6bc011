/** @module Bundles a charm's entry into one file for the Node that the charm carries. */

import { build, type Metafile, type Plugin } from 'esbuild';

/** A bundle and what went into it. */
export interface Bundle {
  readonly code: string;
  /** esbuild's account of inputs and their bytes, for the budget. */
  readonly metafile: Metafile;
}

/**
 * Takes Node's own modules as objects. Why: imported as ES modules all their getters are run, which loads parts of Node that no
 * hook needs (undici for node:http, Web Crypto for node:crypto).
 */
const builtins: Plugin = {
  name: 'builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Bundles `charms/<name>/src/charm.ts` minified, since every byte is parsed on every hook. */
export async function bundleCharm(name: string): Promise<Bundle> {
  const result = await build({
    entryPoints: [`charms/${name}/src/charm.ts`],
    bundle: true,
    minify: true,
    // Why: stack traces in `juju debug-log` should name our functions.
    keepNames: false,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['source'],
    legalComments: 'none',
    logLevel: 'error',
    plugins: [builtins],
  });
  return { code: result.outputFiles[0]?.text ?? '', metafile: result.metafile };
}
