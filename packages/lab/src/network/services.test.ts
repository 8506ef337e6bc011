/** @module ClusterIP Services to nftables: the rules as a reviewer reads them. */

import { expect, test } from 'vitest';
import { serviceRules } from './services.ts';

const service = (clusterIp: string, port: number, addresses: string[]) => ({
  clusterIp,
  port,
  protocol: 'TCP' as const,
  endpoints: addresses.map((address) => ({ address, port: 8080 })),
});

test('one endpoint, several endpoints, none', async () => {
  const rules = serviceRules([
    service('10.152.183.1', 443, ['192.168.1.10']),
    service('10.152.183.20', 80, ['10.1.0.2', '10.1.0.3']),
    service('10.152.183.30', 80, []),
  ]);
  await expect(`${rules}\n`).toMatchFileSnapshot('./golden/services.nft');
});
