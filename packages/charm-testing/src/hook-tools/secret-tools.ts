/** @module secret-add, secret-set, secret-get, secret-info-get, secret-ids, secret-grant, secret-revoke, secret-remove. */

import { type Json, type SecretSettings, ToolFailure } from './backend.ts';
import { type FlagTable, quoted, usage } from './flags.ts';
import { smartFormats, sorted, yamlFormats } from './format.ts';
import { type Call, filePairs, only, type Reply, silent, type Tool } from './tool.ts';

const settingFlags: FlagTable = {
  expire: { kind: 'text' },
  rotate: { kind: 'text' },
  description: { kind: 'text' },
  label: { kind: 'text' },
  file: { kind: 'text' },
  owner: { kind: 'text' },
};
const relationFlags: FlagTable = { r: { kind: 'relation' }, relation: { kind: 'relation', as: 'r' } };
const rotations = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
const contentKey = /^([a-z](?:-?[a-z0-9]){2,})$/;

/** The eight tools of secrets. */
export const secretTools: Readonly<Record<string, Tool>> = {
  'secret-add': { flags: settingFlags, run: add },
  'secret-set': silent(set, settingFlags),
  'secret-get': {
    flags: { label: { kind: 'text' }, peek: { kind: 'switch' }, refresh: { kind: 'switch' } },
    formats: yamlFormats,
    run: get,
  },
  'secret-info-get': { flags: { label: { kind: 'text' } }, formats: yamlFormats, run: infoGet },
  'secret-ids': { flags: {}, formats: smartFormats, run: ids },
  'secret-grant': silent(grant, { ...relationFlags, unit: { kind: 'text' } }),
  'secret-revoke': silent(revoke, {
    ...relationFlags,
    app: { kind: 'text' },
    application: { kind: 'text', as: 'app' },
    unit: { kind: 'text' },
  }),
  'secret-remove': silent(remove, { revision: { kind: 'text' } }),
};

function add(call: Call): Reply {
  if (call.positional.length === 0 && !call.text.has('file')) throw usage('missing secret value or filename');
  const owner = ownerOf(call);
  const settings = settingsOf(call, call.positional);
  if (settings.content === undefined) throw new ToolFailure(1, 'empty secret value not valid');
  return { text: `secret://${call.backend.modelUuid()}/${call.backend.secretAdd(owner, settings)}\n` };
}

function set(call: Call): void {
  const id = requiredId(call);
  ownerOf(call);
  call.backend.secretSet(id, settingsOf(call, call.positional.slice(1)));
}

function ownerOf(call: Call): 'application' | 'unit' {
  const owner = call.text.get('owner') ?? 'application';
  if (owner !== 'application' && owner !== 'unit') throw usage(`secret owner ${quoted(owner)} not valid`);
  return owner;
}

function settingsOf(call: Call, pairs: readonly string[]): SecretSettings {
  const { label, description, expire, rotate } = Object.fromEntries(call.text);
  if (expire && !/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?|(\d+(\.\d+)?(ns|us|ms|s|m|h))+)$/.test(expire)) {
    throw usage(`expire time or duration ${quoted(expire)} not valid`);
  }
  const rotation = rotations.find((one) => one === rotate);
  if (rotate && rotation === undefined) throw usage(`rotate policy ${quoted(rotate)} not valid`);
  const content = { ...contentOf(pairs), ...contentOf(Object.entries(filePairs(call)).map(([k, v]) => `${k}=${v}`)) };
  return {
    ...(label ? { label } : {}),
    ...(description ? { description } : {}),
    ...(expire ? { expire } : {}),
    ...(rotation ? { rotate: rotation } : {}),
    ...(Object.keys(content).length > 0 ? { content } : {}),
  };
}

/** `key=text` and `key#base64=...`; `key#file=path` has become base64 where the tool ran. */
function contentOf(pairs: readonly string[]): Record<string, string> {
  const content: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === '') throw usage(`key value ${quoted(pair)} not valid`);
    const [, key = name, suffix] = /^(.*)#(base64|file)$/.exec(name) ?? [];
    if (!contentKey.test(key)) throw usage(`key ${quoted(key)} not valid`);
    if (suffix === 'file')
      throw usage(`this stand-in reads files where the tool runs, not ${quoted(value)}; use inlineFiles`);
    content[key] = suffix === 'base64' ? Buffer.from(value, 'base64').toString('utf8') : value;
  }
  return content;
}

/** The bare id: of `secret:<id>`, `secret://<model>/<id>` or the id itself. */
function parseId(uri: string): string | undefined {
  return /^(?:secret:(?:\/\/[^/]+\/|\/?))?([0-9a-z]{20})$/.exec(uri)?.[1];
}

function requiredId(call: Call): string {
  const [uri] = call.positional;
  if (uri === undefined) throw usage('missing secret URI');
  return parseId(uri) ?? notUri(uri);
}

function notUri(uri: string): never {
  throw usage(`secret URI ${quoted(uri)} not valid`);
}

function nameOf(call: Call): { id?: string; label?: string } {
  const [uri] = call.positional;
  const id = uri === undefined ? undefined : (parseId(uri) ?? notUri(uri));
  const label = call.text.get('label') || undefined;
  if (id === undefined && label === undefined) throw usage('require either a secret URI or label');
  return { ...(id ? { id } : {}), ...(label ? { label } : {}) };
}

function get(call: Call): Reply {
  const name = nameOf(call);
  const [peek, refresh] = [call.on.has('peek'), call.on.has('refresh')];
  if (peek && refresh) throw usage('specify one of --peek or --refresh but not both');
  only(2, call);
  const content = call.backend.secretGet({ ...name, peek, refresh });
  const [, key] = call.positional;
  if (key === undefined) return { value: sorted(content) };
  const value = content[key.replace(/#base64$/, '')];
  if (value === undefined) throw new ToolFailure(1, `secret key value ${quoted(key)} not found`);
  return { value: key.endsWith('#base64') ? Buffer.from(value).toString('base64') : value };
}

function infoGet(call: Call): Reply {
  const name = nameOf(call);
  if (name.id && name.label) throw usage('specify either a secret URI or label but not both');
  only(1, call);
  const { id, revision, label, owner, access, ...rest } = call.backend.secretInfoGet(name);
  const told: Record<string, Json> = { revision, label, owner };
  for (const key of ['description', 'rotation', 'expiry', 'rotates'] as const) if (rest[key]) told[key] = rest[key];
  if (access && access.length > 0) told.access = access.map(({ target, scope, role }) => ({ target, scope, role }));
  return { value: { [id]: told } };
}

function ids(call: Call): Reply {
  only(0, call);
  const owned = call.backend.secretIds();
  return { value: owned.length === 0 ? null : owned };
}

function grant(call: Call): void {
  const id = requiredId(call);
  const relation = call.relation ?? call.backend.defaults.relation?.id;
  if (relation === undefined) throw usage('no relation id specified');
  const unit = call.text.get('unit');
  const application = call.backend.relationListApp(relation);
  if (unit !== undefined && unit.replace(/\/\d+$/, '') !== application) {
    throw usage(`cannot specify unit ${quoted(unit)} in relation to application ${quoted(application)}`);
  }
  only(1, call);
  call.backend.secretGrant(id, { relation, ...(unit === undefined ? {} : { unit }) });
}

function revoke(call: Call): void {
  const id = requiredId(call);
  const relation = call.relation ?? call.backend.defaults.relation?.id;
  const [application, unit] = [call.text.get('app'), call.text.get('unit')];
  if (application && unit) throw usage('specify only one of application or unit');
  if (relation !== undefined && application) throw usage('do not specify both relation and app');
  if (relation === undefined && !application && !unit) throw usage('missing relation or application or unit');
  only(1, call);
  call.backend.secretRevoke(id, {
    ...(relation === undefined ? {} : { relation }),
    ...(application ? { application } : {}),
    ...(unit ? { unit } : {}),
  });
}

function remove(call: Call): void {
  const id = requiredId(call);
  only(1, call);
  const revision = call.text.get('revision');
  call.backend.secretRemove(id, revision ? Number(revision) : undefined);
}
