/** @module config-get, is-leader, goal-state, credential-get, network-get, unit-get, resource-get, application-version-set, juju-reboot. */

import type { Json, NetworkInfo } from './backend.ts';
import { ToolFailure } from './backend.ts';
import { quoted, usage } from './flags.ts';
import { smartFormats, sorted, yamlFormats } from './format.ts';
import { type Call, only, type Reply, silent, type Tool } from './tool.ts';

/** The tools that tell about the unit's surroundings. */
export const modelTools: Readonly<Record<string, Tool>> = {
  'config-get': {
    flags: { a: { kind: 'switch', as: 'all' }, all: { kind: 'switch' } },
    formats: smartFormats,
    run: config,
  },
  'is-leader': { flags: {}, formats: smartFormats, run: leader },
  'goal-state': { flags: {}, formats: yamlFormats, run: goal },
  'credential-get': { flags: {}, formats: smartFormats, run: credential },
  'network-get': {
    flags: {
      r: { kind: 'relation' },
      relation: { kind: 'relation', as: 'r' },
      'bind-address': { kind: 'switch' },
      'ingress-address': { kind: 'switch' },
      'egress-subnets': { kind: 'switch' },
    },
    formats: smartFormats,
    run: network,
  },
  'unit-get': { flags: {}, formats: smartFormats, run: unit },
  'resource-get': { flags: {}, run: resource },
  'application-version-set': silent(version),
  'juju-reboot': silent(reboot, { now: { kind: 'switch' } }),
};

function config(call: Call): Reply {
  const all = call.on.has('all');
  const [key] = call.positional;
  if (key !== undefined && all) throw usage(`cannot use argument --all together with key ${quoted(key)}`);
  only(1, call);
  const options = call.backend.configGet();
  if (key !== undefined) return { value: options[key] ?? null };
  return { value: sorted(Object.fromEntries(Object.entries(options).filter(([, value]) => all || value !== null))) };
}

function leader(call: Call): Reply {
  only(0, call);
  return { value: call.backend.isLeader() };
}

function goal(call: Call): Reply {
  only(0, call);
  const { units, relations } = call.backend.goalState();
  const one = ({ status, since }: { status: string; since: string }): Json => ({ status, since });
  const each = (group: Readonly<Record<string, { status: string; since: string }>>): Json =>
    Object.fromEntries(
      Object.keys(group)
        .sort()
        .map((name) => [name, one(group[name]!)]),
    );
  const endpoints = Object.keys(relations).sort();
  return {
    value: {
      units: each(units),
      relations: Object.fromEntries(endpoints.map((name) => [name, each(relations[name]!)])),
    },
  };
}

function credential(call: Call): Reply {
  only(0, call);
  return { value: call.backend.credentialGet() };
}

function network(call: Call): Reply {
  const [binding] = call.positional;
  if (binding === undefined) throw usage('no arguments specified');
  if (binding === '') throw usage('no binding name specified');
  only(1, call);
  const info = call.backend.networkGet(binding, call.relation ?? call.backend.defaults.relation?.id);
  const asked = Object.entries(parts(info, binding)).filter(([key]) => call.on.has(key));
  if (asked.length === 0) return { value: display(info, call.format !== 'json') };
  if (asked.length === 1) return { value: asked[0]![1] };
  return { value: sorted(Object.fromEntries(asked)) };
}

function parts(info: NetworkInfo, binding: string): Readonly<Record<string, Json>> {
  const address = info.bindAddresses[0]?.addresses[0]?.value;
  if (address === undefined) throw new ToolFailure(1, `no addresses attached to space for binding ${quoted(binding)}`);
  return {
    'bind-address': address,
    'ingress-address': info.ingressAddresses[0] ?? address,
    'egress-subnets': info.egressSubnets,
  };
}

/** YAML says some fields twice, for charms of old. */
function display(info: NetworkInfo, twice: boolean): Json {
  return {
    'bind-addresses': info.bindAddresses.map((one) => ({
      'mac-address': one.macAddress,
      'interface-name': one.interfaceName,
      addresses: one.addresses.map(({ hostname, value, cidr }) => ({
        hostname,
        value,
        cidr,
        ...(twice ? { address: value } : {}),
      })),
      ...(twice ? { macaddress: one.macAddress, interfacename: one.interfaceName } : {}),
    })),
    'egress-subnets': info.egressSubnets,
    'ingress-addresses': info.ingressAddresses,
  };
}

function unit(call: Call): Reply {
  const [setting] = call.positional;
  if (setting === undefined) throw usage('no setting specified');
  if (setting !== 'private-address' && setting !== 'public-address') throw usage(`unknown setting ${quoted(setting)}`);
  only(1, call);
  return { value: call.backend.unitGet(setting) };
}

function resource(call: Call): Reply {
  const [name] = call.positional;
  if (!name) throw usage('missing required resource name');
  only(1, call);
  return { text: call.backend.resourceGet(name) };
}

function version(call: Call): void {
  const [text] = call.positional;
  if (text === undefined) throw usage('no version specified');
  only(1, call);
  call.backend.applicationVersionSet(text);
}

function reboot(call: Call): void {
  only(0, call);
  call.backend.jujuReboot(call.on.has('now'));
}
