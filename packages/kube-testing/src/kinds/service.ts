/** @module Service: cluster addresses, default ports, and what is refused. */
import { BlockList } from 'node:net';
import { services } from '@vpn-k8s/kube';
import { type FieldError, failure, fieldErrors } from '../errors.ts';
import { isObject, type Json } from '../store/clone.ts';
import type { Strategy, Surroundings } from './kind.ts';
import { child, fill, items } from './pod-defaults.ts';

/** Service (pkg/apis/core/v1/defaults.go, pkg/registry/core/service). */
export const service: Strategy = {
  defaults(object) {
    const spec = child(object, 'spec');
    fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
    if (spec.type !== 'ExternalName') fill(spec, { internalTrafficPolicy: 'Cluster' });
    for (const port of items(spec, 'ports')) fill(port, { protocol: 'TCP', targetPort: port.port });
    fill(object, { status: { loadBalancer: {} } });
  },
  prepare(object, old, around) {
    const spec = child(object, 'spec');
    if (spec.type === 'ExternalName') return;
    const kept = (old?.spec as Json | undefined)?.clusterIP;
    const address = spec.clusterIP ?? kept ?? freeAddress(around);
    Object.assign(spec, { clusterIP: address, clusterIPs: [address] });
    const family = String(address).includes(':') || around.serviceCidr.includes(':') ? 'IPv6' : 'IPv4';
    fill(spec, { ipFamilies: [family], ipFamilyPolicy: 'SingleStack' });
    if (old === undefined && address !== 'None')
      requireFree(String(object.metadata && (object.metadata as Json).name), address, around);
  },
  validate(object, old) {
    const spec = object.spec as Json;
    const before = (old?.spec as Json | undefined)?.clusterIP;
    const moved = before !== undefined && spec.clusterIP !== undefined && spec.clusterIP !== before;
    const sentence = 'may not change once set';
    return [
      ...validatePorts(spec),
      ...(moved ? [fieldErrors.invalid('spec.clusterIPs[0]', [spec.clusterIP], sentence)] : []),
    ];
  },
};

function validatePorts(spec: Json): FieldError[] {
  const ports = items(spec, 'ports');
  const headless = spec.clusterIP === 'None';
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') return [fieldErrors.required('spec.ports')];
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`;
    const number = port.port as number;
    const unnamed = ports.length > 1 && !port.name ? [fieldErrors.required(`${path}.name`)] : [];
    const range = Number.isInteger(number) && number > 0 && number < 65536;
    const wrong = range
      ? []
      : [fieldErrors.invalid(`${path}.port`, number ?? 0, 'must be between 1 and 65535, inclusive')];
    const twin = ports.findIndex((other) => other.port === port.port && other.protocol === port.protocol) !== index;
    const twins = twin ? [fieldErrors.duplicate(path, { port: port.port, protocol: port.protocol })] : [];
    const sameName = port.name !== undefined && ports.findIndex((other) => other.name === port.name) !== index;
    return [...unnamed, ...wrong, ...twins, ...(sameName ? [fieldErrors.duplicate(`${path}.name`, port.name)] : [])];
  });
}

const taken = ({ store }: Surroundings) => new Set(store.list(services).map((each) => each.spec?.clusterIP));

/** The lowest free address of an IPv4 block, leaving the first ten to those who ask for them by name (DNS, the API). */
function freeAddress(around: Surroundings): string {
  const used = taken(around);
  const { base, size } = block(around.serviceCidr);
  for (let offset = 11; offset < size - 1; offset++) {
    const address = dotted(base + offset);
    if (!used.has(address)) return address;
  }
  throw failure(500, 'InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
}

function requireFree(name: string, address: unknown, around: Surroundings): void {
  const [network = '', prefix = '0'] = around.serviceCidr.split('/');
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  const sentence = (why: string) =>
    failure(
      422,
      'Invalid',
      `Service "${name}" is invalid: spec.clusterIPs: Invalid value: ["${address}"]: failed to allocate IP ${address}: ${why}`,
      {
        name,
        kind: 'Service',
        causes: [
          { reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message: `Invalid value: ["${address}"]: ${why}` },
        ],
      },
    );
  const inside = range.check(String(address), String(address).includes(':') ? 'ipv6' : 'ipv4');
  if (!inside) throw sentence(`the provided network (${around.serviceCidr}) does not contain the IP`);
  if (taken(around).has(String(address))) throw sentence('provided IP is already allocated');
}

function block(cidr: string): { base: number; size: number } {
  const [network = '', prefix = '0'] = cidr.split('/');
  const base = network.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { base, size: 2 ** (32 - Number(prefix)) };
}

const dotted = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** Endpoints: protocols. */
export const endpoints: Strategy = {
  defaults(object) {
    for (const subset of items(object, 'subsets'))
      for (const port of items(subset, 'ports')) fill(port, { protocol: 'TCP' });
  },
};

/** EndpointSlice (pkg/apis/discovery). */
export const endpointSlice: Strategy = {
  defaults(object) {
    for (const port of items(object, 'ports')) fill(port, { name: '', protocol: 'TCP' });
  },
  validate(object, old) {
    const types = ['IPv4', 'IPv6', 'FQDN'];
    const type = object.addressType;
    if (type === undefined) return [fieldErrors.required('addressType')];
    const known = types.includes(String(type)) ? [] : [fieldErrors.notSupported('addressType', type, types)];
    const moved = old !== undefined && old.addressType !== type;
    return [...known, ...(moved ? [fieldErrors.invalid('addressType', type, 'field is immutable')] : [])];
  },
};

/** NetworkPolicy: policy types, protocols, and what validation refuses (pkg/apis/networking). */
export const networkPolicy: Strategy = {
  defaults(object) {
    const spec = child(object, 'spec');
    fill(spec, {
      podSelector: {},
      policyTypes: items(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'],
    });
    for (const rule of [...items(spec, 'ingress'), ...items(spec, 'egress')]) {
      for (const port of items(rule, 'ports')) fill(port, { protocol: 'TCP' });
    }
  },
  validate(object) {
    const spec = object.spec as Json;
    return ['ingress', 'egress'].flatMap((direction) => {
      const peers = direction === 'ingress' ? 'from' : 'to';
      return items(spec, direction).flatMap((rule, index) => validateRule(rule, peers, `spec.${direction}[${index}]`));
    });
  },
};

function validateRule(rule: Json, peers: string, path: string): FieldError[] {
  return [
    ...items(rule, 'ports').flatMap((port, index) => validatePolicyPort(port, `${path}.ports[${index}]`)),
    ...items(rule, peers).flatMap((peer, index) => validatePeer(peer, `${path}.${peers}[${index}]`)),
  ];
}

function validatePolicyPort({ port, endPort }: Json, path: string): FieldError[] {
  if (typeof port === 'number') {
    const range = port > 0 && port < 65536;
    if (!range) return [fieldErrors.invalid(`${path}.port`, port, 'must be between 1 and 65535, inclusive')];
    const reversed = typeof endPort === 'number' && endPort < port;
    return reversed ? [fieldErrors.invalid(`${path}.endPort`, endPort, 'must be greater than or equal to `port`')] : [];
  }
  if (port === undefined)
    return endPort === undefined
      ? []
      : [fieldErrors.invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  const name = String(port);
  if (name.length > 15) return [fieldErrors.invalid(`${path}.port`, port, 'must be no more than 15 characters')];
  if (/^[-a-z0-9]+$/.test(name) && /[a-z]/.test(name)) return [];
  return [
    fieldErrors.invalid(`${path}.port`, port, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'),
  ];
}

function validatePeer(peer: Json, path: string): FieldError[] {
  if (Object.keys(peer).length === 0) return [fieldErrors.required(path, 'must specify a peer')];
  if (!isObject(peer.ipBlock)) return [];
  if (peer.podSelector || peer.namespaceSelector) {
    return [fieldErrors.forbidden(path, 'may not specify both ipBlock and another peer')];
  }
  const { cidr, except } = peer.ipBlock;
  if (!isCidr(cidr))
    return [
      fieldErrors.invalid(
        `${path}.ipBlock.cidr`,
        cidr ?? '',
        'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ),
    ];
  const exceptions = Array.isArray(except) ? (except as unknown[]) : [];
  return exceptions.flatMap((each, index) => {
    if (isCidr(each) && strictlyInside(String(each), String(cidr))) return [];
    return [fieldErrors.invalid(`${path}.ipBlock.except[${index}]`, each, 'must be a strict subset of `cidr`')];
  });
}

function isCidr(value: unknown): boolean {
  const [address = '', prefix = '', more] = String(value).split('/');
  if (more !== undefined || !/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}

function strictlyInside(inner: string, outer: string): boolean {
  const [address = '', prefix = ''] = outer.split('/');
  const [innerAddress = '', innerPrefix = ''] = inner.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  return Number(innerPrefix) > Number(prefix) && list.check(innerAddress, innerAddress.includes(':') ? 'ipv6' : 'ipv4');
}
