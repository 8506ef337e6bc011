/** @module The pod's /etc/resolv.conf, which gluetun rewrites unless DNS_KEEP_NAMESERVER is on. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';

const RESOLV_CONF = '/etc/resolv.conf';

/** A resolv.conf whose only name server is `address`, put first; all other lines stay. */
export function withNameserver(text: string, address: string): string {
  const others = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('nameserver'));
  return `${[`nameserver ${address}`, ...others].join('\n')}\n`;
}

/** The resolver that plain DNS uses: 127.0.0.1 means gluetun's own, which is off, so Cloudflare's (recorded). */
export function plainResolver(address: string): string {
  return address === '127.0.0.1' ? '1.1.1.1' : address;
}

/** Points the pod at the resolver of the settings. */
export function setResolver(log: Log, dns: Settings['dns']): void {
  if (dns.keepNameserver) {
    log.warn(
      '⚠️⚠️⚠️  keeping the default container nameservers, this will likely leak DNS traffic outside the VPN and go through your container network DNS outside the VPN tunnel!',
    );
    return;
  }
  const address = plainResolver(dns.address);
  log.info(`using plaintext DNS at address ${address}`);
  writeFileSync(RESOLV_CONF, withNameserver(readFileSync(RESOLV_CONF, 'utf8'), address));
}
