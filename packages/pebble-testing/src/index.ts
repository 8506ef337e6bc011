/** @module A Pebble stand-in, held to recorded answers of the real one, and the real one where Go can build it. */
export { buildPebble, pebbleVersion, whyNoPebble } from './build.ts';
export { bundlePebble } from './bundle.ts';
export { bundleProgram, cacheDir, type KeptFile, keepFile } from './cache.ts';
export { type PebbleProgram, pebbleCommand, type RunningPebble, type StartOptions, startPebble } from './start.ts';
