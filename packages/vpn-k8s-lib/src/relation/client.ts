/** @module What a gateway takes from a requirer's side. */
import { type Label, named, parseLabel, Refusal } from '@vpn-k8s/net';
import * as v from 'valibot';
import { laxInteger, readObject } from './lax.ts';
import { firstIssue, requirerSchema } from './schema.ts';

/** A client as its databag describes it; only parsed values. */
export interface ClientData {
  readonly instanceName: Label;
  /** Routing methods it knows, as it spells them. */
  readonly routingMethods: readonly string[];
  readonly forwardPorts: number;
  /** Undefined: in the gateway's own namespace. */
  readonly namespace: Label | undefined;
}

/** The requirer's data as read. */
export type ClientRead =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'client'; readonly client: ClientData };

/**
 * Reads the requirer's databag text.
 * @param text the value of the key `config`, hostile until parsed
 * @example readClient('{"instance_name":"qbittorrent"}')
 */
export function readClient(text: string | undefined): ClientRead {
  const object = readObject(text);
  if (object.kind !== 'object') return object;
  const fields = Object.fromEntries(
    Object.entries(object.fields).filter(([name, value]) => value !== null || name === 'instance_name'),
  );
  for (const name of ['forward_ports', 'schema_version']) if (name in fields) fields[name] = laxInteger(fields[name]);
  const shape = v.safeParse(requirerSchema, fields);
  if (!shape.success) return { kind: 'invalid', problem: firstIssue(shape.issues) };
  const { instance_name, routing_methods, forward_ports, namespace } = shape.output;
  try {
    const client = {
      instanceName: named('instance_name', instance_name, parseLabel),
      routingMethods: routing_methods ?? ['pod-gateway'],
      forwardPorts: forward_ports ?? 0,
      namespace: namespace === undefined ? undefined : named('namespace', namespace, parseLabel),
    };
    return { kind: 'client', client };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'invalid', problem: error.message };
    throw error;
  }
}
