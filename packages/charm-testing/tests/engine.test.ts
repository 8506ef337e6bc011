/** @module Answers of hook tools that no recording shows, from Juju's sources and reference. */

import { expect, test } from 'vitest';
import type { OpenedPort } from '../src/hook-tools/backend.ts';
import { runHookTool, toolNames } from '../src/hook-tools/engine.ts';
import { flushProblem } from '../src/hook-tools/flush.ts';
import { bufferedBackend } from '../src/hook-tools/transaction.ts';
import { committed } from '../src/state/commit.ts';
import { action, hook } from '../src/state/event.ts';
import { newRelation, newSecret, newState, type State } from '../src/state/state.ts';
import { stateWorld } from '../src/state/world.ts';
import { recordedCharm } from './recorded.ts';

const id = 'cq8h1abcdefghijklm01';
const given: Partial<State> = {
  relations: [newRelation('db', 3, 'pg')],
  secrets: [newSecret(id, { token: 'x<&>', user: 'adm' }, { owner: 'application', label: 'own' })],
  stored: { key: 'value' },
};

function backendOf(state: Partial<State> = given, parameters?: Record<string, never | string | object>) {
  const event = parameters === undefined ? hook('config-changed') : action('go', parameters as never);
  const inside = stateWorld(recordedCharm, event, newState('toy/0', state));
  return { inside, ...bufferedBackend(inside.world, () => id) };
}

const endpoints = (port: number, protocol: OpenedPort['protocol'], endpoint: string) => ({ port, protocol, endpoint });

test('there are the tools of Juju 4.0, no more and no less', () => {
  expect(toolNames).toHaveLength(38);
});

test.each([
  { line: 'state-set key=a key=b', code: 2, says: 'ERROR key "key" specified more than once\n' },
  {
    line: `state-set ${'k'.repeat(257)}=v`,
    code: 1,
    says: 'ERROR max allowed key length (256) exceeded quota limit exceeded\n',
  },
  {
    line: `state-set k=${'v'.repeat(65537)}`,
    code: 1,
    says: 'ERROR max allowed value length (65536) exceeded quota limit exceeded\n',
  },
  { line: 'state-get none --strict', code: 1, says: 'ERROR "none" not found\n' },
  { line: 'state-get key', code: 0, says: 'value\n' },
  {
    line: 'status-set --application active',
    state: { leader: false },
    code: 1,
    says: 'ERROR this unit is not the leader\n',
  },
  { line: 'secret-add token=x', state: { leader: false }, code: 1, says: 'ERROR this unit is not the leader\n' },
  { line: 'secret-add --owner nobody token=x', code: 2, says: 'ERROR secret owner "nobody" not valid\n' },
  { line: 'secret-add --rotate often token=x', code: 2, says: 'ERROR rotate policy "often" not valid\n' },
  { line: 'secret-add --expire soon token=x', code: 2, says: 'ERROR expire time or duration "soon" not valid\n' },
  { line: `secret-get ${id} token#base64`, code: 0, says: 'eDwmPg==\n' },
  { line: `secret-get ${id} --format=json`, code: 0, says: '{"token":"x\\u003c\\u0026\\u003e","user":"adm"}\n' },
  {
    line: `secret-get ${id} --peek --refresh`,
    code: 2,
    says: 'ERROR specify one of --peek or --refresh but not both\n',
  },
  { line: 'secret-get short', code: 2, says: 'ERROR secret URI "short" not valid\n' },
  {
    line: `secret-grant ${id} -r 3 --unit other/0`,
    code: 2,
    says: 'ERROR cannot specify unit "other/0" in relation to application "pg"\n',
  },
  { line: `secret-revoke ${id}`, code: 2, says: 'ERROR missing relation or application or unit\n' },
  { line: 'relation-get -r 3 - pg', code: 2, says: 'ERROR expected unit name, got application name "pg"\n' },
  { line: 'relation-get -rdb:3 --format json - pg/0', code: 0, says: '{}\n' },
  {
    line: 'relation-set -r 3 --file -',
    stdin: 'a: [1]',
    code: 1,
    says: 'ERROR yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string\n',
  },
  {
    line: 'network-get db --bind-address --egress-subnets --format=json',
    code: 0,
    says: '{"bind-address":"10.1.0.10","egress-subnets":["10.152.183.12/32"]}\n',
  },
  { line: 'open-port 0', code: 2, says: 'ERROR port range bounds must be between 1 and 65535, got 0-0\n' },
  { line: 'open-port', code: 2, says: 'ERROR no port or range specified\n' },
  { line: 'action-get a.b', parameters: { a: { b: 'c' } }, code: 0, says: 'c\n' },
  { line: 'action-get a.x', parameters: { a: { b: 'c' } }, code: 0, says: '' },
  { line: 'config-get --all key', code: 2, says: 'ERROR cannot use argument --all together with key "key"\n' },
  { line: 'status-get -x', code: 2, says: 'ERROR option provided but not defined: -x\n' },
  { line: 'secret-get --label', code: 2, says: 'ERROR option needs an argument: --label\n' },
  { line: 'is-leader --help', code: 2, says: 'ERROR --help is not modelled by this stand-in for Juju\n' },
  { line: 'leader-get', code: 1, says: 'ERROR unknown command "leader-get"\n' },
])('$line', ({ line, state, parameters, stdin = '', code, says }) => {
  const [tool = '', ...args] = line.split(' ');
  const { backend } = backendOf({ ...given, ...state }, parameters);
  const answer = runHookTool(backend, tool, args, stdin);
  expect([answer.code, answer.stdout + answer.stderr]).toEqual([code, says]);
});

test('ports: opening all endpoints and closing one', () => {
  const { backend, writes } = backendOf({ openedPorts: [endpoints(80, 'tcp', ''), endpoints(443, 'tcp', 'db')] });
  runHookTool(backend, 'open-port', ['443', '--endpoints', 'link, peers'], '');
  runHookTool(backend, 'open-port', ['icmp'], '');
  runHookTool(backend, 'close-port', ['443', '--endpoints', 'link'], '');
  runHookTool(backend, 'close-port', ['80'], '');
  expect(runHookTool(backend, 'opened-ports', ['--endpoints'], '').stdout).toBe('icmp (*)\n443/tcp (db, peers)\n');
  expect(writes().openedPorts).toHaveLength(3);
});

test.each([
  { by: ['-r', 'db:3'], left: [{ relation: 4, unit: 'other/1' }] },
  { by: ['--app', 'pg'], left: [{ relation: 4, unit: 'other/1' }] },
  { by: ['--unit', 'other/1'], left: [{ relation: 3 }] },
])('secret-revoke $by takes back its grants only', ({ by, left }) => {
  const grants = [{ relation: 3 }, { relation: 4, unit: 'other/1' }];
  const relations = [newRelation('db', 3, 'pg'), newRelation('db', 4, 'other')];
  const secrets = [newSecret(id, { token: 'x' }, { owner: 'application', grants })];
  const { backend, inside, writes } = backendOf({ relations, secrets });
  expect(runHookTool(backend, 'secret-revoke', [id, ...by], '').code).toBe(0);
  expect(committed(inside.draft, writes()).secrets[0]?.grants).toEqual(left);
});

test('a wrong log level is told and the line is logged as INFO', () => {
  const { backend, inside } = backendOf();
  runHookTool(backend, 'juju-log', ['-l', 'loud', 'a', 'b'], '');
  expect(inside.log).toEqual([
    { level: 'WARNING', message: 'Specified log level of "loud" is not valid' },
    { level: 'INFO', message: 'a b' },
  ]);
});

test('leadership lost before the flush fails it', () => {
  const { backend, inside, writes } = backendOf();
  runHookTool(backend, 'relation-set', ['-r', '3', '--app', 'a=b'], '');
  expect(flushProblem(inside.world, writes())).toBeUndefined();
  inside.draft = { ...inside.draft, leader: false };
  expect(flushProblem(inside.world, writes())).toBe('cannot write relation settings: this unit is not the leader');
});

test('state beyond 2 MiB fails the flush', () => {
  const { backend, inside, writes } = backendOf();
  const pairs = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, 'v'.repeat(65536)]));
  runHookTool(backend, 'state-set', ['--file', '-'], JSON.stringify(pairs));
  expect(flushProblem(inside.world, writes())).toBe('max allowed size (2097152) exceeded quota limit exceeded');
});
