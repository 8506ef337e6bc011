/** @module What must change in the gateway's container, pure and in order; an unchanged world gives an empty list. */

import { type Layer, planDifference } from '@vpn-k8s/pebble';
import { desiredLayer, seenText } from './desired.ts';
import type { Facts, Workload } from './gather.ts';
import { files } from './names.ts';
import type { Settings } from './settings.ts';

/** One effect, with the line that a log shows; contents of files are never in it. */
export type Change =
  | { readonly kind: 'file'; readonly line: string; readonly path: string; readonly content: string }
  | { readonly kind: 'control-key'; readonly line: string }
  | { readonly kind: 'layer'; readonly line: string; readonly layer: Layer }
  | { readonly kind: 'start' | 'restart' | 'stop'; readonly line: string };

/**
 * The changes from these facts.
 * @param overlay the agent's word; undefined while its init has not run in this pod: its rules must stand before gluetun's first
 * start, and a pod without it is about to be replaced
 */
export function diff(facts: Facts, overlay: string | undefined): Change[] {
  const { credentials, leader, parsed, workload } = facts;
  if (!workload) return [];
  const running = workload.service !== undefined && workload.service !== 'inactive';
  if (!leader) return running ? [{ kind: 'stop', line: '- service gluetun (another unit is the gateway)' }] : [];
  // Why: a refused configuration leaves the last good one in force.
  if (parsed.kind !== 'settings' || credentials.kind === 'refused') return [];
  if (!running && overlay === undefined) return [];
  const pushed = [...keyChanges(facts, workload, parsed.settings), ...controlChanges(workload)];
  const layer = desiredLayer(parsed.settings);
  const lines = planDifference(workload.plan, layer);
  const plan: Change[] = lines.length > 0 ? [{ kind: 'layer', line: lines.join(', '), layer }] : [];
  const changed = pushed.length > 0 || lines.some((line) => line.includes('service'));
  return [...seenChanges(facts, workload, overlay), ...pushed, ...plan, ...serviceChanges(running, changed)];
}

function serviceChanges(running: boolean, changed: boolean): Change[] {
  if (!running) return [{ kind: 'start', line: '+ service gluetun' }];
  return changed ? [{ kind: 'restart', line: '~ service gluetun (its settings change)' }] : [];
}

/** Why first: a tunnel that comes up from here on is news. */
function seenChanges({ control }: Facts, { seen }: Workload, overlay: string | undefined): Change[] {
  const content = seenText(control, overlay);
  return content === seen
    ? []
    : [{ kind: 'file', line: `~ the tunnel is known as ${content}`, path: files.seen, content }];
}

function controlChanges(workload: Workload): Change[] {
  return workload.controlKey === undefined ? [{ kind: 'control-key', line: '+ key of the control server' }] : [];
}

function keyChanges({ credentials }: Facts, { keyFiles, secretId }: Workload, settings: Settings): Change[] {
  if (credentials.kind !== 'read') return [];
  const { privateKey, presharedKey } = credentials.keys;
  const wanted: readonly [string, string, string | undefined][] = [
    [files.privateKey, privateKey, keyFiles.privateKey],
    [files.presharedKey, presharedKey ?? '', keyFiles.presharedKey ?? (secretId === undefined ? undefined : '')],
    // Why last: it says that the files before it are of this secret.
    [files.secretId, settings.secretId, secretId],
  ];
  return wanted
    .filter(([, content, there]) => content !== there)
    .map(([path, content]) => ({ kind: 'file', line: `~ ${path}`, path, content }));
}
