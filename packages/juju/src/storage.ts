/** @module storage-list, storage-get, storage-add. */

import { asList, asObject, asText } from './answer.ts';
import { askTool, runTool } from './run.ts';

/** Instances of this unit, all or of one name: `['data/0']`. Listed before they are attached. */
export function storageList(name?: string): string[] {
  return asList(askTool('storage-list', name === undefined ? [] : [name]));
}

/** Where an instance is mounted; refused (exit code 2) until storage-attached has fired. */
export function storageGet(id: string): { kind: string; location: string } {
  const answer = asObject(askTool('storage-get', ['-s', id]));
  return { kind: asText(answer.kind), location: asText(answer.location) };
}

/** Asks for more instances. On Kubernetes this passes here and then fails the whole hook, for ever: do not. */
export function storageAdd(name: string, count = 1): void {
  runTool('storage-add', [`${name}=${count}`]);
}
