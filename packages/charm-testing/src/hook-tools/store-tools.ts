/** @module state-get, state-set, state-delete, storage-list, storage-get, storage-add, open-port, close-port, opened-ports. */

import { type OpenedPort, ToolFailure } from './backend.ts';
import { type FlagTable, quoted, usage } from './flags.ts';
import { smartFormats, sorted } from './format.ts';
import { type Call, only, pairsOf, type Reply, silent, type Tool } from './tool.ts';

const portFlags: FlagTable = { endpoints: { kind: 'text' }, format: { kind: 'text' } };

/** What Juju keeps for a unit: strings, storage and ports. */
export const storeTools: Readonly<Record<string, Tool>> = {
  'state-get': { flags: { strict: { kind: 'switch' } }, formats: smartFormats, run: stateGet },
  'state-set': silent((call) => call.backend.stateSet(pairsOf(call)), { file: { kind: 'text' } }),
  'state-delete': silent(stateDelete),
  'storage-list': { flags: {}, formats: smartFormats, run: storageList },
  'storage-get': { flags: { s: { kind: 'storage' } }, formats: smartFormats, run: storageGet },
  'storage-add': silent(storageAdd),
  'open-port': silent((call) => changePorts(call, (port) => call.backend.openPort(port)), portFlags),
  'close-port': silent((call) => changePorts(call, (port) => call.backend.closePort(port)), portFlags),
  'opened-ports': { flags: { endpoints: { kind: 'switch' } }, formats: smartFormats, run: openedPorts },
};

function stateGet(call: Call): Reply {
  only(1, call);
  const state = call.backend.stateGet();
  const [key = '-'] = call.positional;
  if (key === '-' || key === '') return { value: Object.keys(state).length === 0 ? null : sorted(state) };
  const value = state[key];
  if (value === undefined && call.on.has('strict')) throw new ToolFailure(1, `${quoted(key)} not found`);
  return { value: value ?? '' };
}

function stateDelete(call: Call): void {
  const [key] = call.positional;
  if (key === undefined) return;
  only(1, call);
  call.backend.stateDelete(key);
}

function storageList(call: Call): Reply {
  only(1, call);
  const [name] = call.positional;
  const instances = call.backend.storageList();
  return { value: name === undefined ? instances : instances.filter((id) => id.startsWith(`${name}/`)) };
}

function storageGet(call: Call): Reply {
  const id = call.text.get('s') ?? call.backend.defaults.storage;
  if (id === undefined) throw usage('no storage instance specified');
  only(1, call);
  const { kind, location } = call.backend.storageGet(id);
  const [key] = call.positional;
  if (key === undefined) return { value: { kind, location } };
  if (key !== 'kind' && key !== 'location') throw new ToolFailure(1, `invalid storage attribute ${quoted(key)}`);
  return { value: key === 'kind' ? kind : location };
}

function storageAdd(call: Call): void {
  if (call.positional.length === 0) throw usage('storage add requires a storage directive');
  for (const directive of call.positional) {
    const [, name, count = '1'] = /^([^=]+)(?:=(\d+))?$/.exec(directive) ?? [];
    if (name === undefined) throw usage(`only count can be specified for ${quoted(directive.split('=')[0]!)}`);
    call.backend.storageAdd(name, Number(count));
  }
}

function changePorts(call: Call, change: (port: OpenedPort) => void): void {
  const [text] = call.positional;
  if (text === undefined) throw usage('no port or range specified');
  const range = parseRange(text.toLowerCase());
  only(1, call);
  if (range.to !== range.from) {
    throw new ToolFailure(1, 'port ranges are not supported for k8s applications, please specify a single port');
  }
  for (const endpoint of (call.text.get('endpoints') ?? '').split(',')) {
    change({ port: range.from, protocol: range.protocol, endpoint: endpoint.trim() });
  }
}

function parseRange(text: string): { from: number; to: number; protocol: OpenedPort['protocol'] } {
  if (text === 'icmp') return { from: 0, to: 0, protocol: 'icmp' };
  const [ports = '', protocol = 'tcp', ...more] = text.split('/');
  if (more.length > 0) throw usage(`invalid port range ${quoted(text)}`);
  const [first = '', last = first] = ports.split('-');
  const from = portNumber(first);
  const to = portNumber(last);
  if (protocol !== 'tcp' && protocol !== 'udp') {
    throw usage(`invalid protocol ${quoted(protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (from < 1 || to > 65535 || from > to) {
    throw usage(`port range bounds must be between 1 and 65535, got ${from}-${to}`);
  }
  return { from, to, protocol };
}

function portNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw usage(`invalid port ${quoted(text)}: strconv.Atoi: parsing ${quoted(text)}: invalid syntax`);
}

function openedPorts(call: Call): Reply {
  only(0, call);
  const ports = new Map<string, string[]>();
  for (const port of [...call.backend.openedPorts()].sort(byProtocolThenPort)) {
    const name = port.protocol === 'icmp' ? 'icmp' : `${port.port}/${port.protocol}`;
    ports.set(name, [...(ports.get(name) ?? []), port.endpoint]);
  }
  if (!call.on.has('endpoints')) return { value: [...ports.keys()] };
  return {
    value: [...ports].map(
      ([name, endpoints]) => `${name} (${endpoints.includes('') ? '*' : endpoints.sort().join(', ')})`,
    ),
  };
}

function byProtocolThenPort(a: OpenedPort, b: OpenedPort): number {
  return a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1;
}
