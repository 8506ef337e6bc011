/** @module The smallest gateway charm: says that its tunnel is up. */
import { type CharmPorts, main, type Status } from '@vpn-k8s/charm';
import { VPNGatewayProvider } from 'vpn-k8s-lib';

async function reconcile(ports: CharmPorts): Promise<Status> {
  const gateway = new VPNGatewayProvider(ports, {
    relation: 'vpn-gateway',
    container: 'web',
    tunnel: 'tun0',
    clusterCidrs: '10.1.0.0/16,10.152.183.0/24,192.168.1.0/24',
  });
  const { ready, blocked, reason } = await gateway.reconcile({
    connected: true,
    externalIp: '203.0.113.5',
    endpoints: [{ address: '203.0.113.5', port: 51820, protocol: 'UDP' }],
  });
  return { status: ready ? 'active' : blocked ? 'blocked' : 'waiting', message: reason };
}

await main({ name: 'alpha', reconcile });
