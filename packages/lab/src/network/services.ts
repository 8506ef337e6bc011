/** @module ClusterIP Services to nftables, pure: what kube-proxy does, for the lab's node. */

/** A Service with the endpoints that are ready. */
export interface ServiceTarget {
  readonly clusterIp: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly endpoints: readonly { address: string; port: number }[];
}

/** The whole address translation as nft(8) text: pods' (prerouting) and the node's own (output) connections. */
export function serviceRules(targets: readonly ServiceTarget[]): string {
  const rules = targets.filter(({ endpoints }) => endpoints.length > 0).map((target) => `    ${targetRule(target)}`);
  const refused = targets.filter(({ endpoints }) => endpoints.length === 0);
  return [
    'table ip services',
    'delete table ip services',
    'table ip services {',
    '  chain prerouting { type nat hook prerouting priority dstnat;',
    ...rules,
    '  }',
    '  chain output { type nat hook output priority -100;',
    ...rules,
    '  }',
    '  chain refused { type filter hook prerouting priority -150;',
    ...refused.map((target) => `    ${destination(target)} drop`),
    '  }',
    '}',
  ].join('\n');
}

function targetRule(target: ServiceTarget): string {
  const match = destination(target);
  const { endpoints } = target;
  const first = endpoints[0] as { address: string; port: number };
  if (endpoints.length === 1) return `${match} dnat to ${first.address}:${first.port}`;
  const map = endpoints.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(', ');
  return `${match} dnat to numgen random mod ${endpoints.length} map { ${map} }`;
}

function destination({ clusterIp, protocol, port }: ServiceTarget): string {
  return `ip daddr ${clusterIp} ${protocol.toLowerCase()} dport ${port}`;
}
