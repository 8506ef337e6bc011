/** @module The exit's public address, asked through the tunnel from an echoip service, kept in a file. */

import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname } from 'node:path';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';

/** Fields in the order in which the control server gives them. */
export interface PublicIp {
  readonly public_ip: string;
  readonly region?: string;
  readonly country?: string;
  readonly city?: string;
  readonly hostname?: string;
  readonly location?: string;
  readonly organization?: string;
  readonly postal_code?: string;
  readonly timezone?: string;
}

/** An echoip answer as the control server gives it: empty fields are left out. */
export function fromEchoip(answer: Record<string, unknown>): PublicIp {
  const text = (name: string) => (typeof answer[name] === 'string' ? (answer[name] as string) : '');
  const degrees = (name: string) => Number(answer[name] ?? 0).toFixed(6);
  const all = {
    region: text('region_name'),
    country: text('country'),
    city: text('city'),
    hostname: text('hostname'),
    location: `${degrees('latitude')},${degrees('longitude')}`,
    organization: text('asn_org'),
    postal_code: text('zip_code'),
    timezone: text('time_zone'),
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return { public_ip: text('ip'), ...Object.fromEntries(given) };
}

/** Holds the address while the tunnel is up. */
export class PublicIpKeeper {
  readonly #log: Log;
  readonly #settings: Settings;
  #current: PublicIp = { public_ip: '' };

  constructor(log: Log, settings: Settings) {
    this.#log = log;
    this.#settings = settings;
  }

  /** What GET /v1/publicip/ip answers. */
  get current(): PublicIp {
    return this.#current;
  }

  /** Asks once. @throws Error with gluetun's words when nobody answers */
  async fetch(signal: AbortSignal): Promise<void> {
    const { enabled, api } = this.#settings.publicIp;
    if (!enabled) return;
    const url = api.slice('echoip#'.length);
    const host = new URL(url).host;
    const found = await getJson(`${url}/json`, signal).catch((error: Error) => {
      throw new Error(`fetching information: all fetchers failed: ${host}: Get "${url}/json": ${error.message}`);
    });
    if (signal.aborted) return;
    this.#current = fromEchoip(found);
    const { public_ip, country = '', region = '', city = '' } = this.#current;
    this.#log.info(`Public IP address is ${public_ip} (${country}, ${region}, ${city} - source: ${host})`);
    writeOwned(this.#settings, this.#settings.publicIp.file, public_ip);
  }

  /** Forgets the address, in the file too; before the first tunnel there is nothing to forget. */
  clear(): void {
    if (!this.#settings.publicIp.enabled) return;
    this.#current = { public_ip: '' };
    writeOwned(this.#settings, this.#settings.publicIp.file, '');
  }
}

/** Writes a file for the user PUID:PGID, 0644, without a final newline; its new directory is 0644 too (recorded). */
export function writeOwned(settings: Settings, path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o644 });
  writeFileSync(path, content, { mode: 0o644 });
  chownSync(path, settings.system.puid, settings.system.pgid);
}

function getJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const ask = request(url, { agent: false, signal }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>);
        } catch (error) {
          reject(error);
        }
      });
    });
    ask.on('error', (error) => {
      const { hostname, port } = new URL(url);
      const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      reject(refused ? new Error(`dial tcp ${hostname}:${port || 80}: connect: connection refused`) : error);
    });
    ask.end();
  });
}
