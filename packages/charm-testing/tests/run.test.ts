/** @module A charm's process under Juju's rules: what it reads, what is kept, and what is not. */

import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  action,
  buildCharm,
  type CharmUnderTest,
  hook,
  newRelation,
  newSecret,
  newState,
  relationEvent,
  run,
  type State,
} from '../src/index.ts';

const own = newSecret(
  'cq8h1abcdefghijklm02',
  { token: 'old' },
  { owner: 'application', label: 'own', grants: [{ relation: 1 }] },
);
const granted = newSecret('cq8h1abcdefghijklm01', { token: 'theirs' });
const relation = newRelation('db', 1, 'pg', {
  remoteEndpoint: 'link',
  localUnitData: { gone: 'soon', 'ingress-address': '10.152.183.12' },
  remoteAppData: { config: '{}' },
  remoteUnits: { 'pg/0': { word: 'x' } },
});
const full: Partial<State> = {
  relations: [relation],
  secrets: [own, granted],
  storages: [{ id: 'data/0', kind: 'filesystem', location: '/var/lib/juju/storage/data-0', attached: true }],
  openedPorts: [{ port: 80, protocol: 'tcp', endpoint: '' }],
  stored: { old: '1' },
  resources: { 'web-image': '/var/lib/juju/resources/content.yaml' },
};

let toy: CharmUnderTest;
beforeAll(async () => {
  toy = await buildCharm({ dir: fileURLToPath(new URL('toy-charm', import.meta.url)) });
});

const does = (deed: string, given: Partial<State> = {}) =>
  run(toy, hook('config-changed'), newState('toy/0', { ...given, config: { do: deed } }));

test('a hook with nothing to do: two reads and a status, none the second time', async () => {
  const first = await does('nothing');
  expect(first.results).toMatchObject({
    exit: 0,
    flushed: true,
    log: [],
    unitStatuses: [{ status: 'active', message: 'idle' }],
  });
  const second = await run(toy, hook('update-status'), first);
  expect(second.results?.calls.map((call) => call.tool)).toEqual(['config-get', 'status-get']);
  expect({ ...second, results: 0 }).toEqual({ ...first, results: 0 });
});

test('every function reads what the tool says', async () => {
  const after = await run(
    toy,
    relationEvent('db', 'changed', 1, { unit: 'pg/0' }),
    newState('toy/0', { ...full, config: { do: 'read' } }),
  );
  const logged = after.results!.log[0]!.message;
  expect(logged.startsWith('db:1: ')).toBe(true);
  await expect(JSON.stringify(JSON.parse(logged.slice(6)), null, 2).replaceAll(toy.dir, 'CHARM')).toMatchFileSnapshot(
    'golden/read.json',
  );
});

describe('writes', () => {
  test('are read back inside the hook and kept when it exits 0', async () => {
    const after = await does('write', full);
    expect(after.results).toMatchObject({ exit: 0, flushed: true });
    const { results, unitStatus, ...rest } = after;
    await expect(
      `${JSON.stringify(changesOf({ ...newState('toy/0', full) }, rest), null, 2)}\n${results!.log[0]!.message}\n`.replaceAll(
        /[0-9a-f]{20}/g,
        'ID',
      ),
    ).toMatchFileSnapshot('golden/write.txt');
  });

  test('are dropped when it fails; statuses, version and log stay', async () => {
    const after = await does('fail', full);
    const before = newState('toy/0', { ...full, config: { do: 'fail' } });
    expect(after.results).toMatchObject({
      exit: 1,
      flushed: false,
      unitStatuses: [{ status: 'maintenance', message: '-- writing' }],
    });
    expect(after.results?.log).toEqual([
      {
        level: 'ERROR',
        message: expect.stringMatching(/^toy failed: cannot patch web: 403 Forbidden \(main\.mjs:\d+:\d+\)$/),
      },
    ]);
    expect(changesOf(before, after)).toEqual({
      appStatus: { status: 'active', message: 'app' },
      unitStatus: { status: 'maintenance', message: '-- writing' },
      workloadVersion: '1.2.3',
    });
  });

  test.each([
    { deed: 'add-storage', problem: 'adding storage "data"' },
    { deed: 'add-twice', problem: 'secret with label "twice" already exists' },
  ])('$deed passes in the hook and fails the flush', async ({ deed, problem }) => {
    const after = await does(deed);
    expect(after.results).toMatchObject({ exit: 0, flushed: false, flushProblem: expect.stringContaining(problem) });
    expect([after.stored, after.secrets]).toEqual([{}, []]);
  });

  test('of the application are for the leader', async () => {
    const after = await does('write', { ...full, leader: false });
    expect(after.results?.log[0]?.message).toMatch(
      /^toy failed: relation-set -r db:1 --app --file - exited 1: cannot write relation settings/,
    );
    expect(after.results).toMatchObject({ exit: 1, flushed: false });
  });
});

test('the owner of a secret goes on reading what it tracks', async () => {
  const after = await does('cycle-secret', full);
  expect(JSON.parse(after.results!.log[0]!.message)).toEqual({
    before: { token: 'old' },
    still: { token: 'old' },
    peeked: { token: 'new' },
  });
  expect(after.secrets[0]).toMatchObject({
    revision: 2,
    content: { token: 'new' },
    tracked: { revision: 1 },
    grants: [],
  });
});

test('the log takes one process per level; DEBUG takes none', async () => {
  const { results } = await does('log');
  expect(results?.log).toEqual([
    { level: 'DEBUG', message: 'debug one' },
    { level: 'DEBUG', message: 'debug two' },
    { level: 'INFO', message: 'info one\ninfo two' },
    { level: 'WARNING', message: 'warning one\nwarning two' },
  ]);
  expect(results?.calls.filter((call) => call.tool === 'juju-log')).toHaveLength(2);
});

test("the environment is Juju's and nothing else", async () => {
  const after = await does('environment');
  expect(after.unitStatus.message).toBe(toy.dir);
  await expect(`${after.results!.log[0]!.message.replaceAll(' ', '\n')}\n`).toMatchFileSnapshot(
    'golden/environment.txt',
  );
});

describe('actions', () => {
  test.each([
    {
      name: 'echo',
      parameters: { times: 2 },
      answer: { results: { 'said.text': 'hello', 'said.times': '2' }, log: [] },
    },
    {
      name: 'fail',
      parameters: {},
      answer: { results: {}, log: [], failure: 'the tunnel is down: no handshake for 180 s' },
    },
    {
      name: 'forgotten',
      parameters: {},
      answer: { results: {}, log: [], failure: 'toy declares the action forgotten but does not implement it' },
    },
    {
      name: 'bad-key',
      parameters: {},
      answer: { failure: expect.stringMatching(/^result key "BadKey": keys of action/) },
    },
  ])('$name', async ({ name, parameters, answer }) => {
    const after = await run(toy, action(name, parameters), newState('toy/0'));
    expect(after.results).toMatchObject({ exit: 0, flushed: true, action: answer });
    expect(after.results?.log.map((entry) => entry.level)).not.toContain('ERROR');
  });

  test('that ends with another code keeps its results and loses its writes', async () => {
    const after = await run(toy, action('die'), newState('toy/0'));
    expect(after.results).toMatchObject({
      exit: 3,
      flushed: false,
      action: { results: { kept: 'yes' }, failure: 'exit status 3' },
    });
    expect(after.stored).toEqual({});
  });
});

/** Fields of `after` that differ. */
function changesOf(before: object, after: object): Record<string, unknown> {
  const was = new Map(Object.entries(before).map(([key, value]) => [key, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(after).filter(
      ([key, value]) => key !== 'results' && key !== 'config' && was.get(key) !== JSON.stringify(value),
    ),
  );
}
