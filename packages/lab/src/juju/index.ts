/** @module The Juju stand-in: a controller that runs packed charms in the lab's pods. */
export { type Charm, charmOf, readCharm } from './charm/archive.ts';
export { Controller, type ControllerOptions, type DeployRequest } from './controller.ts';
export { JUJU_REPO, JUJU_VERSION, type JujuImageOptions, jujuImages } from './images.ts';
export type { Action, Application, Model, Relation, Unit } from './model/state.ts';
export type { HookRecord } from './uniter/queue.ts';
