/** @module The shape of the relation vpn-gateway, version 1: what is written, and what the JSON schemas are made from. */
import * as v from 'valibot';

/** Version of the relation that this library writes. */
export const SCHEMA_VERSION = 1;

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const ports = v.pipe(v.array(port), v.maxLength(64));
const described = v.description;

/**
 * The provider's side: the ten fields of the Python family in their order, then ours, all optional. What is not listed is
 * ignored by readers of both families.
 */
export const providerSchema = v.object({
  routing_method: v.optional(v.pipe(v.string(), described('Name of the routing method')), 'pod-gateway'),
  gateway_dns_name: v.pipe(v.string(), described("Headless Service of the gateway's application")),
  vxlan_id: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16_777_215)), 42),
  vxlan_ip_network: v.optional(v.pipe(v.string(), described("First three octets of the overlay's /24")), '172.16.0'),
  vxlan_port: v.optional(v.pipe(port, described('UDP port of the overlay; missing means 8472'))),
  cluster_cidrs: v.pipe(v.string(), described('Ranges that stay outside the tunnel, separated by commas')),
  cluster_dns_ip: v.pipe(v.string(), described("Address of the cluster's resolver")),
  vpn_connected: v.optional(v.pipe(v.boolean(), described('The tunnel is up')), false),
  external_ip: v.optional(v.nullable(v.pipe(v.string(), described('Address that the internet sees'))), null),
  instance_name: v.pipe(v.string(), described("Name of the gateway's application")),
  schema_version: v.optional(v.pipe(v.number(), v.integer())),
  client_network: v.optional(v.pipe(v.string(), described("This relation's block of static addresses"))),
  mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(65_535))),
  gateway_ips: v.optional(v.pipe(v.array(v.string()), v.maxLength(16), described('Pod addresses of the gateway now'))),
  gateway_namespace: v.optional(v.string()),
  gateway_app: v.optional(v.string()),
  dns_ip: v.optional(v.pipe(v.string(), described('Resolver inside the tunnel'))),
  cluster_domain: v.optional(v.string()),
  forwarded_ports: v.optional(v.pipe(ports, described('Ports forwarded to this client'))),
  location: v.optional(v.pipe(v.string(), described('Country and city of the exit'))),
});

/** The requirer's side: the Python family's one field, then ours. */
export const requirerSchema = v.object({
  instance_name: v.pipe(v.string(), described("Name of the client's application")),
  schema_version: v.optional(v.pipe(v.number(), v.integer())),
  routing_methods: v.optional(
    v.pipe(v.array(v.string()), v.maxLength(16), described('Routing methods it knows; missing means pod-gateway')),
  ),
  forward_ports: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64), described('How many forwarded ports it wants')),
  ),
  namespace: v.optional(
    v.pipe(v.string(), described("Namespace of the client's pods; missing means the gateway's own")),
  ),
});

/** What a provider writes. */
export type ProviderFields = v.InferInput<typeof providerSchema>;
/** What a requirer writes. */
export type RequirerFields = v.InferInput<typeof requirerSchema>;
/** What a provider's text holds once its shape is checked. */
export type ProviderShape = v.InferOutput<typeof providerSchema>;
/** What a requirer's text holds once its shape is checked. */
export type RequirerShape = v.InferOutput<typeof requirerSchema>;

/** One sentence for the first thing that does not fit a schema: field, value (cut), rule. */
export function firstIssue(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const field = v.getDotPath(issue) ?? 'config';
  const seen = issue.received.length > 60 ? `${issue.received.slice(0, 57)}...` : issue.received;
  return `${field} ${seen} is not taken: expected ${issue.expected ?? 'another value'}`;
}
