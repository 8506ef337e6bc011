/** @module Writing the relation: strictly, in the field order of the Python family, without blanks. */
import type { ProviderFields, RequirerFields } from './schema.ts';
import { providerSchema, requirerSchema } from './schema.ts';

/** The key of the application databag that holds everything. */
export const CONFIG_KEY = 'config';

/** The provider's text with all ten fields of the Python family; null stands only for an unknown exit address. */
export function providerText(fields: Required<Pick<ProviderFields, TheirField>> & ProviderFields): string {
  return inOrder(fields, Object.keys(providerSchema.entries));
}

type TheirField =
  | 'routing_method'
  | 'gateway_dns_name'
  | 'vxlan_id'
  | 'vxlan_ip_network'
  | 'vxlan_port'
  | 'cluster_cidrs'
  | 'cluster_dns_ip'
  | 'vpn_connected'
  | 'external_ip'
  | 'instance_name';

/** The requirer's text. */
export function requirerText(fields: RequirerFields): string {
  return inOrder(fields, Object.keys(requirerSchema.entries));
}

function inOrder(fields: object, names: readonly string[]): string {
  const values = fields as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, values[name]])));
}
