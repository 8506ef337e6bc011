/**
 * @module A program for a workload's container that tries to reach the internet all the time, by TCP, UDP and DNS.
 *
 * It prints a JSON line when what it sees changes: the address that the internet saw, or null while nothing comes back.
 */

import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { get } from 'node:http';
import { addresses } from './network/addresses.ts';

/** A change of what the internet answers; `at` is milliseconds since 1970. */
export interface Sighting {
  readonly at: number;
  /** The caller's address as the echo server saw it, or null when no answer came. */
  readonly exit: string | null;
}

const PERIOD_MS = 50;
const TIMEOUT_MS = 400;

/** Asks the echo server once. */
function echo(): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get(`http://${addresses.echo}/`, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.setEncoding('utf8');
      response.once('data', (text: string) => resolve(text.trim()));
      response.once('error', () => resolve(null));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(null));
  });
}

function main(): void {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  const outside = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  outside.setServers([addresses.echo]);
  let last: string | null | undefined;
  const see = (exit: string | null) => {
    if (exit === last) return;
    last = exit;
    process.stdout.write(`${JSON.stringify({ at: Date.now(), exit } satisfies Sighting)}\n`);
  };
  let open = 0;
  setInterval(() => {
    socket.send('vpn-k8s', 9, addresses.echo, () => {});
    outside.resolve4('web.lab').catch(() => {});
    if (open > 8) return;
    open += 1;
    void echo().then((exit) => {
      open -= 1;
      see(exit);
    });
  }, PERIOD_MS);
}

if (import.meta.main) main();
