/** @module The addresses of the lab, in one place: who reads a capture finds every one of them here. */

/** All addresses of the lab's network (RFC 5737 ranges for the internet, RFC 1918 for the cluster). */
export const addresses = {
  node: '192.168.1.10',
  router: '192.168.1.1',
  lan: '192.168.1.0/24',
  apiServer: { address: '192.168.1.10', port: 16443 },
  controller: { address: '192.168.1.10', port: 17070 },
  podCidr: '10.1.0.0/16',
  serviceCidr: '10.152.183.0/24',
  kubernetesService: '10.152.183.1',
  dnsService: '10.152.183.10',
  podGateway: '169.254.1.1',
  ispExit: '203.0.113.1',
  vpnServer: '203.0.113.5',
  vpnPort: 51820,
  tunnel: { server: '10.64.0.1', client: '10.64.0.2', prefix: 24 },
  echo: '198.51.100.80',
} as const;
