/** @module Where the recordings show a race or something this stand-in does not model: the accepted set, with reasons. */

import type { Difference, Reordered } from './replay.ts';

/** A reason for which Juju runs a due hook before another one; the stand-in always takes the same order. */
export interface Race {
  readonly name: string;
  readonly why: string;
  readonly fits: (found: Reordered) => boolean;
}

const endpointOf = (hook: string) => /^\S+ (\w+):\d+/.exec(hook)?.[1];

/** All races that the recordings show. */
export const races: readonly Race[] = [
  {
    name: 'storage-attached at any time',
    why: 'Juju hears of the volume from Kubernetes; the hook comes anywhere after install',
    fits: ({ hook, instead }) => /-storage-attached /.test(hook) || /-storage-attached /.test(instead),
  },
  {
    name: 'relations in any order',
    why: 'the agent keeps relations in a Go map and takes them in random order',
    fits: ({ hook, instead }) =>
      endpointOf(hook) !== undefined && endpointOf(instead) !== undefined && endpointOf(hook) !== endpointOf(instead),
  },
  {
    name: 'unit before application',
    why: 'two watchers: a unit that joined is heard of before its application databag',
    fits: ({ hook, instead }) => /-relation-joined /.test(hook) && /-relation-changed \w+:\d+$/.test(instead),
  },
  {
    name: 'secrets later',
    why: 'notices of secrets are slower than those of configuration and relations',
    fits: ({ instead }) => /^secret-(changed|remove) /.test(instead),
  },
  {
    name: 'peers broken or not',
    why: 'relation-broken of peers is not guaranteed: four of nine removed units never got it',
    fits: ({ hook, instead }) => hook === 'stop' && /^peers-relation-broken /.test(instead),
  },
];

/** Answers that are not matched. Counts are exact: one more or one less fails the test. */
export interface Unmatched {
  readonly why: string;
  readonly count: number;
  readonly fits: (found: Difference) => boolean;
}

/** All answers of the recordings that the stand-in does not give. */
export const unmatched: readonly Unmatched[] = [
  {
    why: '--help texts are not modelled; the engine says so',
    count: 22,
    fits: ({ what }) => what === 'is-leader --help',
  },
  {
    why: 'Juju knew the volume before it ran storage-attached (two installs); the stand-in learns it with the hook',
    count: 6,
    fits: ({ what, given }) =>
      what.startsWith('storage-get -s') && given.includes('mount point for storage attachment'),
  },
  {
    why: 'the attachment is taken away by another worker up to a second after storage-detaching; here with the end of the hook',
    count: 4,
    fits: ({ what, hook }) => what.startsWith('storage-') && hook.endsWith('-relation-departed'),
  },
  {
    why: 'recorded between two tries of a failing hook on beta/1, whose own scenario is the one before',
    count: 2,
    fits: ({ scenario, what }) => scenario === 'action-fail' && what.startsWith('goal-state'),
  },
  {
    why: "another unit's status, in the half second in which its agent goes, comes or ends (calls have no recorded times)",
    count: 6,
    fits: ({ what }) => /^(goal-state|status-get .*--application)/.test(what),
  },
];

/** Hooks that are still due when their scenario ends, as the next one begins with them. */
export const carriedOver: Readonly<Record<string, readonly string[]>> = {
  'hook-fails-readiness': ['zeta/0 config-changed'],
};
