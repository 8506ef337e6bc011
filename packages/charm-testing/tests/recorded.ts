/** @module Recorded hooks of a real Juju, and the State that they imply. */

import { readdirSync, readFileSync } from 'node:fs';
import type { CharmMetadata } from '../src/charm/metadata.ts';
import type { ConfigValue, GoalState, Json, OpenedPort } from '../src/hook-tools/backend.ts';
import { action, type Event, hook, type PlainHook } from '../src/state/event.ts';
import { newRelation, newSecret, newState, type Relation, type Secret, type State } from '../src/state/state.ts';

/** One recorded run of a tool. */
export interface RecordedCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr?: string;
}

/** One recorded hook. */
export interface RecordedHook {
  readonly scenario: string;
  readonly unit: string;
  readonly hook: string;
  readonly exit: number;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: readonly RecordedCall[];
}

const directory = new URL('../fixtures/juju/', import.meta.url);

/** All recorded hooks, in the order of the files. */
export function recordedHooks(): RecordedHook[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = JSON.parse(readFileSync(new URL(name, directory), 'utf8'));
      return file.hooks.map((one: RecordedHook) => ({ ...one, scenario: file.scenario }));
    });
}

/** The charm that was recorded. */
export const recordedCharm: CharmMetadata = {
  name: 'toy',
  endpoints: { db: 'provides', link: 'requires', peers: 'peers' },
  bindings: ['db', 'link', 'peers'],
  containers: ['web'],
  storages: ['data'],
  resources: ['web-image', 'conf'],
  config: {},
  configDefaults: {},
  actions: {},
};

/** The event of a recorded hook. */
export function recordedEvent(recorded: RecordedHook): Event {
  const { env } = recorded;
  const name = env.JUJU_HOOK_NAME ?? '';
  if (env.JUJU_ACTION_NAME) return action(env.JUJU_ACTION_NAME, answer(recorded, 'action-get', []) as never);
  if (env.JUJU_RELATION) return relationEventOf(env, name);
  if (env.JUJU_WORKLOAD_NAME) return { kind: 'pebble-ready', container: env.JUJU_WORKLOAD_NAME };
  if (env.JUJU_SECRET_ID) return secretEventOf(env, name);
  if (env.JUJU_STORAGE_ID) {
    return { kind: 'storage', id: env.JUJU_STORAGE_ID, step: name.endsWith('attached') ? 'attached' : 'detaching' };
  }
  return hook(name as PlainHook);
}

function relationEventOf(env: RecordedHook['env'], name: string): Event {
  return {
    kind: 'relation',
    endpoint: env.JUJU_RELATION!,
    step: name.split('-').at(-1) as 'created',
    id: Number(env.JUJU_RELATION_ID!.split(':')[1]),
    ...(env.JUJU_REMOTE_UNIT ? { unit: env.JUJU_REMOTE_UNIT } : {}),
    ...(env.JUJU_DEPARTING_UNIT ? { departing: env.JUJU_DEPARTING_UNIT } : {}),
    ...(env.JUJU_REMOTE_APP ? {} : { forgotten: true }),
  };
}

function secretEventOf(env: RecordedHook['env'], name: string): Event {
  const id = env.JUJU_SECRET_ID!.replace('secret:', '');
  const revision = env.JUJU_SECRET_REVISION;
  return {
    kind: 'secret',
    id,
    step: name.replace('secret-', '') as 'changed',
    ...(revision ? { revision: Number(revision) } : {}),
  };
}

/** The JSON of the first run of a tool whose other arguments are exactly these. */
function answer(recorded: RecordedHook, tool: string, args: readonly string[]): Json | undefined {
  const wanted = [...args, '--format=json'].join(' ');
  const call = recorded.calls.find((one) => one.tool === tool && one.rc === 0 && one.args.join(' ') === wanted);
  return call && JSON.parse(call.stdout);
}

/** The state before a recorded hook, as far as its answers tell. */
export function recordedState(recorded: RecordedHook): State {
  const { env } = recorded;
  const ask = (tool: string, ...args: string[]) => answer(recorded, tool, args);
  const network = ask('network-get', 'db') as { 'bind-addresses': { addresses: { value: string }[] }[] } | undefined;
  const unit = ask('status-get', '--include-data') as { status: string; message: string } | undefined;
  const application = (ask('status-get', '--include-data', '--application') as Application | undefined)?.[
    'application-status'
  ];
  const { [recorded.unit]: own, ...otherUnits } = application?.units ?? {};
  return newState(recorded.unit, {
    model: { name: env.JUJU_MODEL_NAME!, uuid: env.JUJU_MODEL_UUID! },
    apiAddresses: env.JUJU_API_ADDRESSES!.split(' '),
    leader: ask('is-leader') === true,
    config: (ask('config-get', '--all') ?? ask('config-get') ?? {}) as Record<string, ConfigValue>,
    relations: relationsOf(recorded),
    secrets: secretsOf(recorded),
    storages: storagesOf(recorded),
    openedPorts: portsOf(recorded),
    stored: (ask('state-get') ?? {}) as Record<string, string>,
    unitStatus: unit ?? own ?? { status: 'unknown', message: '' },
    appStatus: application ?? { status: 'unknown', message: '' },
    otherUnits,
    resources: resourcesOf(recorded),
    podAddress: network?.['bind-addresses'][0]?.addresses[0]?.value ?? '',
    serviceAddress: recorded.calls.find((one) => one.args[0] === 'public-address')?.stdout.trim() ?? '',
    ...only('goal', ask('goal-state') as GoalState | undefined),
    ...only('credential', ask('credential-get')),
  });
}

interface Application {
  'application-status': { status: string; message: string; units: Record<string, { status: string; message: string }> };
}

function only<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}

function relationsOf(recorded: RecordedHook): Relation[] {
  return Object.keys(recordedCharm.endpoints).flatMap((endpoint) =>
    ((answer(recorded, 'relation-ids', [endpoint]) ?? []) as string[]).map((id) => relationOf(recorded, endpoint, id)),
  );
}

function relationOf(recorded: RecordedHook, endpoint: string, id: string): Relation {
  const ask = (tool: string, ...args: string[]) => answer(recorded, tool, ['-r', id, ...args]);
  const bag = (...args: string[]) => (ask('relation-get', ...args) ?? {}) as Record<string, string>;
  const units = (ask('relation-list') ?? []) as string[];
  const remoteApp = String(ask('relation-list', '--app'));
  const application = recorded.unit.replace(/\/\d+$/, '');
  const gone = recorded.env.JUJU_RELATION_ID === id ? recorded.env.JUJU_REMOTE_UNIT : undefined;
  return newRelation(endpoint, Number(id.split(':')[1]), remoteApp, {
    remoteEndpoint: endpoint === 'db' ? 'link' : 'db',
    localUnitData: bag('-', recorded.unit),
    localAppData: bag('--app', '-', application),
    remoteAppData: bag('--app', '-', remoteApp),
    remoteUnits: Object.fromEntries(units.map((unit) => [unit, bag('-', unit)])),
    ...(gone && !units.includes(gone) ? { departedUnits: { [gone]: defaultBag(recorded) } } : {}),
  });
}

/** The databag of the hook's own remote unit. */
function defaultBag(recorded: RecordedHook): Record<string, string> {
  return (answer(recorded, 'relation-get', ['-']) ?? {}) as Record<string, string>;
}

function secretsOf(recorded: RecordedHook): Secret[] {
  const calls = recorded.calls.filter((one) => /^secret-(get|info-get)$/.test(one.tool) && one.rc === 0);
  const added = addedSecrets(recorded);
  const ids = new Set(calls.flatMap((one) => idsIn(one.args[0]!)).filter((id) => !added.includes(id)));
  const listed = (answer(recorded, 'secret-ids', []) ?? []) as string[];
  return [...new Set([...ids, ...listed])]
    .filter((id) => !added.includes(id))
    .map((id) => secretOf(recorded, calls, id));
}

function secretOf(recorded: RecordedHook, calls: readonly RecordedCall[], id: string): Secret {
  const about = calls.filter((one) => one.args[0]?.endsWith(id) && one.args.includes('--format=json'));
  const read = (flag: string | undefined) =>
    about.find(
      (one) => one.tool === 'secret-get' && one.args.length === (flag ? 3 : 2) && (!flag || one.args.includes(flag)),
    );
  const info = about.find((one) => one.tool === 'secret-info-get');
  const told = info ? JSON.parse(info.stdout)[id] : undefined;
  const tracked =
    read(undefined) ?? calls.find((one) => one.args[0] === '--label' && one.args[1] === recorded.env.JUJU_SECRET_LABEL);
  const plain = calls.find((one) => one.tool === 'secret-get' && one.args.length === 1 && one.args[0]?.endsWith(id));
  const latest = read('--peek') ?? read('--refresh');
  const content = parseContent(latest ?? tracked ?? plain);
  return newSecret(id, content, {
    owner:
      told?.owner ??
      (idsIn(JSON.stringify(answer(recorded, 'secret-ids', []) ?? [])).includes(id) ? 'application' : 'other'),
    label: told?.label ?? '',
    consumerLabel: told ? '' : (recorded.env.JUJU_SECRET_LABEL ?? ''),
    description: told?.description ?? '',
    revision: told?.revision ?? 1,
    ...(tracked ? { tracked: { revision: 1, content: parseContent(tracked) } } : {}),
    grants: (told?.access ?? []).map((one: { scope: string }) => ({ relation: relationNumber(recorded, one.scope) })),
  });
}

function parseContent(call: RecordedCall | undefined): Record<string, string> {
  if (call === undefined) return {};
  if (call.args.includes('--format=json')) return JSON.parse(call.stdout);
  return Object.fromEntries(
    call.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(': ') as [string, string]),
  );
}

function relationNumber(recorded: RecordedHook, scope: string): number {
  const endpoint = scope.includes(`${recorded.unit.replace(/\/\d+$/, '')}.db`) ? 'db' : 'link';
  return (
    relationsOf(recorded).find((one) => one.endpoint === endpoint && scope.includes(`${one.remoteApp}.`))?.id ?? -1
  );
}

/** Ids that secret-add made in this hook, in order. */
export function addedSecrets(recorded: RecordedHook): string[] {
  return recorded.calls.filter((one) => one.tool === 'secret-add' && one.rc === 0).flatMap((one) => idsIn(one.stdout));
}

function idsIn(text: string): string[] {
  return text.match(/s\d{19}/g) ?? [];
}

function storagesOf(recorded: RecordedHook): State['storages'] {
  return ((answer(recorded, 'storage-list', []) ?? []) as string[]).map((id) => {
    const got = answer(recorded, 'storage-get', ['-s', id]) as { location: string } | undefined;
    return { id, kind: 'filesystem', location: got?.location ?? '', attached: got !== undefined };
  });
}

/** Endpoints are told only by a later call, when more ports may be open than before the hook. */
function portsOf(recorded: RecordedHook): OpenedPort[] {
  const detailed = (answer(recorded, 'opened-ports', ['--endpoints']) ?? []) as string[];
  const before = (answer(recorded, 'opened-ports', []) ?? []) as string[];
  return before.flatMap((name) => {
    const line = detailed.find((one) => one.startsWith(`${name} `)) ?? `${name} (*)`;
    const [, port, protocol, endpoints = ''] = /^(\d+)\/(\w+) \((.*)\)$/.exec(line)!;
    return endpoints.split(', ').map((endpoint) => ({
      port: Number(port),
      protocol: protocol as 'tcp',
      endpoint: endpoint === '*' ? '' : endpoint,
    }));
  });
}

function resourcesOf(recorded: RecordedHook): Record<string, string> {
  const got = recorded.calls.filter((one) => one.tool === 'resource-get' && one.rc === 0);
  return Object.fromEntries(got.map((one) => [one.args[0]!, one.stdout]));
}
