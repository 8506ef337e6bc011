/** @module The toolbox image: what agents' containers run in. */

export { buildToolbox, installedVersions, MissingPackages } from './build.ts';
export { debianPackages } from './contents.ts';
