/** @module A lab that stays: deploys and relates both charms, then serves the console until it is told to end. */

import { parseArgs } from 'node:util';
import { serveConsole } from '../console/server.ts';
import { CLIENT, deployClient, deployGateway, GATEWAY } from '../demo/applications.ts';
import { Lab } from '../lab.ts';
import { until } from '../until.ts';
import { packedCharms } from './charms.ts';
import { faults, serveRequests } from './console.ts';
import { place } from './options.ts';

const HELP = `
The lab is up. Look inside from another terminal:

  npm run -s vpn-k8s -- lab status
  npm run -s vpn-k8s -- lab exec ${CLIENT}/0 -- ip route
  npm run -s vpn-k8s -- lab exec ${CLIENT}/0 -c ${CLIENT} -- curl -s http://198.51.100.80/
  npm run -s vpn-k8s -- lab exec ${GATEWAY}/0 -- iptables -S
  npm run -s vpn-k8s -- lab fault delete-pod ${GATEWAY}-0      (also: ${Object.keys(faults).join(', ')})
  npm run -s vpn-k8s -- lab leaks
  npm run -s vpn-k8s -- lab down                     or Ctrl-C here
`;

const { values } = parseArgs({ options: { 'keep-log': { type: 'string' } } });
const { options, remove } = place(values['keep-log']);
process.on('exit', remove);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));

console.log('Starting network, VPN server, Kubernetes and Juju on this machine ...');
const lab = await Lab.start(options);
const charms = packedCharms();
console.log('Deploying and relating the charms ...');
await deployGateway(lab, charms.gateway);
await deployClient(lab, charms.client);
await lab.controller.integrate(`${CLIENT}:vpn-gateway`, `${GATEWAY}:vpn-gateway`);
await until('both charms active', async () => bothActive(lab), {
  seconds: 120,
  explain: () => lab.controller.statusText(),
});
console.log(`\n${lab.controller.statusText()}\n${HELP}`);
serveConsole(serveRequests(lab));

function bothActive(running: Lab): boolean {
  return [CLIENT, GATEWAY].every((app) => running.controller.unitStatus(`${app}/0`).status === 'active');
}
