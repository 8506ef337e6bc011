/** @module Impossible states and events are refused, each with its sentence. */

import { expect, test } from 'vitest';
import type { CharmMetadata } from '../charm/metadata.ts';
import { checkConsistency } from './consistency.ts';
import { newContainer } from './container.ts';
import { action, type Event, hook, pebbleReady, relationEvent, secretEvent, storageEvent } from './event.ts';
import { newRelation, newSecret, newState, type State } from './state.ts';

const charm: CharmMetadata = {
  name: 'toy',
  endpoints: { db: 'provides', peers: 'peers' },
  bindings: ['db', 'peers'],
  containers: ['web'],
  storages: ['data'],
  resources: ['image'],
  config: {
    num: { type: 'int', default: 1 },
    key: { type: 'secret', default: null },
    flag: { type: 'boolean', default: false },
  },
  configDefaults: {},
  actions: { go: { parameters: { far: { type: 'integer' } }, required: ['far'] } },
};

const id = 'cq8h1abcdefghijklm01';
const db = newRelation('db', 1, 'pg');
const container = newContainer('web', { canConnect: false });

const impossible: { name: string; given?: Partial<State>; unit?: string; event?: Event; says: string }[] = [
  { name: 'unit name', unit: 'toy', says: 'a unit is called application/number, not toy' },
  {
    name: 'unknown option',
    given: { config: { nope: 1 } },
    says: 'config: nope is not an option of toy; declared: num, key, flag',
  },
  { name: 'option type', given: { config: { num: '1' } }, says: 'config: num is of type int, not "1"' },
  {
    name: 'secret option',
    given: { config: { key: 'secret:x' } },
    says: 'config: key is of type secret, not "secret:x"',
  },
  {
    name: 'unknown endpoint',
    given: { relations: [newRelation('x', 1, 'pg')] },
    says: 'relation x:1: no such endpoint; declared: db, peers',
  },
  { name: 'same id twice', given: { relations: [db, db] }, says: 'two relations have the id 1' },
  {
    name: 'own unit remote',
    given: { relations: [newRelation('peers', 1, 'toy')] },
    says: 'relation peers:1: toy/0 is not its own remote unit',
  },
  {
    name: 'foreign peer',
    given: { relations: [newRelation('peers', 1, 'pg')] },
    says: 'relation peers:1 is a peer relation: its remoteApp is toy',
  },
  {
    name: 'stranger',
    given: { relations: [{ ...db, remoteUnits: { 'x/0': {} } }] },
    says: 'relation db:1: x/0 is no unit of pg',
  },
  { name: 'container', given: { containers: [newContainer('x')] }, says: 'container x is not declared; declared: web' },
  {
    name: 'storage',
    given: { storages: [{ id: 'x/0', kind: 'block', location: '/', attached: true }] },
    says: 'storage x is not declared',
  },
  { name: 'resource', given: { resources: { x: '/' } }, says: 'resource x is not declared; declared: image' },
  { name: 'secret id', given: { secrets: [newSecret('x', {})] }, says: 'secret x: ids have 20 characters' },
  {
    name: 'relation of event',
    event: relationEvent('db', 'changed', 7),
    says: 'db-relation-changed: relation db:7 is not in the state',
  },
  {
    name: 'joined without unit',
    given: { relations: [db] },
    event: relationEvent('db', 'joined', 1),
    says: 'db-relation-joined is about a remote unit: give unit',
  },
  {
    name: 'created with unit',
    given: { relations: [db] },
    event: relationEvent('db', 'created', 1, { unit: 'pg/0' }),
    says: 'db-relation-created is about no unit: leave out unit',
  },
  {
    name: 'changed by nobody',
    given: { relations: [db] },
    event: relationEvent('db', 'changed', 1, { unit: 'pg/9' }),
    says: "pg/9 is not among the relation's remoteUnits",
  },
  {
    name: 'departed and there',
    given: { relations: [db] },
    event: relationEvent('db', 'departed', 1, { unit: 'pg/0' }),
    says: 'pg/0 has left: move it to departedUnits',
  },
  { name: 'no such container', event: pebbleReady('web'), says: 'web-pebble-ready: container web is not in the state' },
  {
    name: 'unreachable speaks',
    given: { containers: [container] },
    event: pebbleReady('web'),
    says: 'nothing can come from a Pebble that cannot be reached',
  },
  {
    name: 'no such secret',
    event: secretEvent('changed', id),
    says: `secret-changed: secret ${id} is not in the state`,
  },
  {
    name: "other's rotate",
    given: { secrets: [newSecret(id, {})] },
    event: secretEvent('rotate', id),
    says: 'secret-rotate goes to the owner of a secret only',
  },
  {
    name: 'no such storage',
    event: storageEvent('data/0', 'attached'),
    says: 'data-storage-attached: storage data/0 is not in the state',
  },
  {
    name: 'elected but not leading',
    given: { leader: false },
    event: hook('leader-elected'),
    says: 'this unit is not the leader',
  },
  { name: 'no such action', event: action('run'), says: 'action run is not declared; declared: go' },
  {
    name: 'unknown parameter',
    event: action('go', { far: 1, x: 1 }),
    says: 'action go has no parameter x; declared: far',
  },
  { name: 'missing parameter', event: action('go'), says: 'action go requires the parameter far' },
  { name: 'parameter type', event: action('go', { far: 1.5 }), says: 'action go: far is of type integer, not 1.5' },
];

test.each(impossible)('$name', ({ given, unit = 'toy/0', event = hook('start'), says }) => {
  expect(() => checkConsistency(charm, event, newState(unit, given))).toThrow(says);
});

test('a state with everything in order passes', () => {
  const state = newState('toy/0', {
    config: { num: 2, key: `secret:${id}`, flag: true },
    relations: [db, newRelation('peers', 2, 'toy', { remoteUnits: { 'toy/1': {} } })],
    containers: [newContainer('web')],
    secrets: [newSecret(id, {}, { owner: 'unit' })],
  });
  const events = [
    pebbleReady('web'),
    secretEvent('rotate', id),
    action('go', { far: 3 }),
    relationEvent('db', 'joined', 1, { unit: 'pg/0' }),
  ];
  for (const event of events) checkConsistency(charm, event, state);
});
