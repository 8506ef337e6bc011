/** @module The lab's internet as a program: an HTTP server that answers the caller's address, and a DNS server. */

import { createServer } from 'node:http';
import { serveDns } from '../dns/server.ts';
import { addresses } from '../network/addresses.ts';

/** Names that the lab's internet knows. */
const NAMES: Record<string, readonly string[]> = {
  'web.lab': [addresses.echo],
  'tracker.lab': [addresses.echo],
};

/** What an address-echo service tells of the caller; the form that gluetun's `echoip` reads. */
function describe(address: string): Record<string, string> {
  const place =
    address === addresses.vpnServer
      ? { country: 'Netherlands', city: 'Amsterdam' }
      : { country: 'Your own ISP', city: 'Home' };
  return { ip: address, ...place, hostname: 'lab' };
}

function caller(address: string | undefined): string {
  return (address ?? '').replace('::ffff:', '');
}

function main(): void {
  createServer((request, response) => {
    response.end(`${caller(request.socket.remoteAddress)}\n`);
  }).listen(80, addresses.echo);
  createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(describe(caller(request.socket.remoteAddress))));
  }).listen(8081, addresses.echo);
  serveDns(addresses.echo, async ({ name }) => {
    const known = NAMES[name];
    return known ? { code: 'NOERROR', addresses: known, ttl: 60 } : { code: 'NXDOMAIN', addresses: [], ttl: 60 };
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

if (import.meta.main) main();
