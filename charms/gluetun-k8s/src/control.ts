/** @module Client of gluetun's control server: who we are (a role of our own with the fewest routes) and what the tunnel does. */

import { request } from 'node:http';

/** The routes that the charm's role opens; no other route answers to anybody. */
const ROUTES = ['GET /v1/vpn/status', 'GET /v1/publicip/ip'];

/**
 * The role file for a key (TOML, gluetun's HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH).
 * Why not the default role: that one opens every route, and `/v1/vpn/settings` gives the private key away.
 */
export function roleFile(key: string): string {
  const routes = ROUTES.map((route) => JSON.stringify(route)).join(', ');
  return `[[roles]]\nname = "vpn-k8s"\nauth = "apikey"\napikey = "${key}"\nroutes = [${routes}]\n`;
}

/** The key of a role file that {@link roleFile} wrote; undefined for any other text. */
export function keyOf(file: string | undefined): string | undefined {
  const key = /^apikey = "([A-Za-z0-9_-]{32,})"$/m.exec(file ?? '')?.[1];
  return key !== undefined && roleFile(key) === file ? key : undefined;
}

/** What gluetun says of its tunnel. */
export interface Control {
  /** `running`, `stopped`, `crashed` ...; undefined when gluetun does not answer. */
  readonly status: string | undefined;
  readonly publicIp: string | undefined;
  readonly country: string | undefined;
  readonly city: string | undefined;
}

/** Nobody answers. */
export const silent: Control = { status: undefined, publicIp: undefined, country: undefined, city: undefined };

const TIMEOUT_MS = 2000;

/** Asks for status and exit; a gluetun that does not answer is `silent`, not an error. */
export async function readControl(address: string, key: string | undefined): Promise<Control> {
  if (key === undefined) return silent;
  try {
    const [vpn, exit] = await Promise.all([get(address, '/v1/vpn/status', key), get(address, '/v1/publicip/ip', key)]);
    const word = (from: Record<string, unknown>, name: string) => plain(from[name]);
    return {
      status: word(vpn, 'status'),
      publicIp: word(exit, 'public_ip'),
      country: word(exit, 'country'),
      city: word(exit, 'city'),
    };
  } catch {
    return silent;
  }
}

/** A short text without control characters: it comes from a service on the internet and goes into status lines. */
function plain(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.replaceAll(/[^\p{L}\p{N} .,:'()-]/gu, '').slice(0, 60) || undefined;
}

function get(address: string, path: string, key: string): Promise<Record<string, unknown>> {
  const [host = '', port] = address.split(':');
  const options = { host, port, path, headers: { 'X-API-Key': key }, timeout: TIMEOUT_MS, agent: false };
  return new Promise((resolve, reject) => {
    const ask = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
        if (body.length > 65_536) ask.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${path} answered ${response.statusCode}`));
        try {
          resolve(JSON.parse(body) as Record<string, unknown>);
        } catch (error) {
          reject(error);
        }
      });
    });
    ask.on('timeout', () => ask.destroy(new Error('no answer in time')));
    ask.on('error', reject);
    ask.end();
  });
}
