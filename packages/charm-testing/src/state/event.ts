/** @module Events: hooks and actions that Juju can send to a unit, as data. */

import type { Json, ToolDefaults } from '../hook-tools/backend.ts';
import type { State } from './state.ts';

/** Hooks that are about nothing but the unit. */
export type PlainHook =
  | 'install'
  | 'start'
  | 'config-changed'
  | 'upgrade-charm'
  | 'stop'
  | 'remove'
  | 'leader-elected'
  | 'update-status';

/** A hook or action. Make them with the functions below. */
export type Event =
  | { readonly kind: 'hook'; readonly hook: PlainHook }
  | {
      readonly kind: 'relation';
      readonly endpoint: string;
      readonly step: 'created' | 'joined' | 'changed' | 'departed' | 'broken';
      readonly id: number;
      readonly unit?: string;
      readonly departing?: string;
      /** After pod churn Juju no longer says in relation-broken whose relation it was. */
      readonly forgotten?: boolean;
    }
  | { readonly kind: 'pebble-ready'; readonly container: string }
  | { readonly kind: 'check'; readonly container: string; readonly check: string; readonly to: 'failed' | 'recovered' }
  | { readonly kind: 'notice'; readonly container: string; readonly id: string; readonly key: string }
  | {
      readonly kind: 'secret';
      readonly step: 'changed' | 'rotate' | 'expired' | 'remove';
      readonly id: string;
      readonly revision?: number;
    }
  | { readonly kind: 'storage'; readonly id: string; readonly step: 'attached' | 'detaching' }
  | { readonly kind: 'action'; readonly name: string; readonly parameters: { readonly [key: string]: Json } };

/** @example hook('config-changed') */
export function hook(name: PlainHook): Event {
  return { kind: 'hook', hook: name };
}

/** @example relationEvent('vpn-gateway', 'changed', 7), relationEvent('db', 'joined', 3, { unit: 'pg/0' }) */
export function relationEvent(
  endpoint: string,
  step: 'created' | 'joined' | 'changed' | 'departed' | 'broken',
  id: number,
  who: { readonly unit?: string; readonly departing?: string; readonly forgotten?: boolean } = {},
): Event {
  return { kind: 'relation', endpoint, step, id, ...who };
}

/** A container's Pebble has started, or started anew. */
export function pebbleReady(container: string): Event {
  return { kind: 'pebble-ready', container };
}

/** A Pebble check has gone over its threshold, or is up again. */
export function checkEvent(container: string, check: string, to: 'failed' | 'recovered'): Event {
  return { kind: 'check', container, check, to };
}

/** A custom notice was recorded by `pebble notify`. */
export function noticeEvent(container: string, key: string, id = '1'): Event {
  return { kind: 'notice', container, id, key };
}

/** Rotate, expired and remove go to owners; changed goes to those who track. */
export function secretEvent(step: 'changed' | 'rotate' | 'expired' | 'remove', id: string, revision?: number): Event {
  return { kind: 'secret', step, id, ...(revision === undefined ? {} : { revision }) };
}

/** @example storageEvent('data/0', 'attached') */
export function storageEvent(id: string, step: 'attached' | 'detaching'): Event {
  return { kind: 'storage', id, step };
}

/** Parameters that are left out get the defaults of actions.yaml. */
export function action(name: string, parameters: { readonly [key: string]: Json } = {}): Event {
  return { kind: 'action', name, parameters };
}

/** The hook's name as Juju calls it; '' for actions. */
export function hookName(event: Event): string {
  if (event.kind === 'hook') return event.hook;
  if (event.kind === 'relation') return `${event.endpoint}-relation-${event.step}`;
  if (event.kind === 'pebble-ready') return `${event.container}-pebble-ready`;
  if (event.kind === 'check') return `${event.container}-pebble-check-${event.to}`;
  if (event.kind === 'notice') return `${event.container}-pebble-custom-notice`;
  if (event.kind === 'secret') return `secret-${event.step}`;
  if (event.kind === 'storage') return `${event.id.split('/')[0]}-storage-${event.step}`;
  return '';
}

/** `hooks/config-changed` or `actions/verify`. */
export function dispatchPath(event: Event): string {
  return event.kind === 'action' ? `actions/${event.name}` : `hooks/${hookName(event)}`;
}

/** What the hook tools of this event take for granted. */
export function toolDefaults(event: Event, state: State): ToolDefaults {
  if (event.kind === 'storage') return { unit: state.unit, storage: event.id };
  if (event.kind !== 'relation') return { unit: state.unit };
  const remoteApplication = remoteApp(event, state);
  return {
    unit: state.unit,
    relation: {
      endpoint: event.endpoint,
      id: event.id,
      ...(remoteApplication ? { remoteApplication } : {}),
      ...(event.unit ? { remoteUnit: event.unit } : {}),
    },
  };
}

/** The remote application as the hook is told; never when a peer relation breaks. */
export function remoteApp(event: Event & { kind: 'relation' }, state: State): string {
  const name = state.relations.find((relation) => relation.id === event.id)?.remoteApp ?? '';
  const peers = name === state.unit.replace(/\/\d+$/, '');
  return event.step === 'broken' && (peers || event.forgotten) ? '' : name;
}
