/** @module What each route of the control server answers once the request may pass. */

import type { AnswerKind } from './http.ts';

/** One answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly kind: AnswerKind;
  readonly location?: string;
}

/** What the routes read and change. */
export interface ControlTargets {
  readonly vpnType: string;
  vpnStatus(): string;
  applyVpn(status: 'running' | 'stopped'): Promise<string>;
  dnsStatus(): string;
  applyDns(status: 'running' | 'stopped'): string;
  publicIp(): unknown;
  portForward(): unknown;
  settings(): { readonly openvpn: unknown };
}

const json = (value: unknown): Answer => ({ status: 200, body: `${JSON.stringify(value)}\n`, kind: 'text' });
const failure = (status: number, text: string): Answer => ({ status, body: `${text}\n`, kind: 'error' });
const plain = (body: string): Answer => ({ status: 200, body, kind: 'text' });

function moved(status: 301 | 308, location: string): Answer {
  const words = status === 301 ? 'Moved Permanently' : 'Permanent Redirect';
  return { status, body: `<a href="${location}">${words}</a>.\n\n`, kind: 'html', location };
}

const VERSION = { version: 'v3.41.1', commit: '7f22fb3', created: '2026-02-11T14:13:34Z' };

type Handler = (targets: ControlTargets, body: string) => Answer | Promise<Answer>;

const routes: Readonly<Record<string, Handler>> = {
  'GET /v1/version': () => json(VERSION),
  'GET /v1/vpn/status': (to) => json({ status: to.vpnStatus() }),
  'PUT /v1/vpn/status': (to, body) => changeStatus(body, (status) => to.applyVpn(status)),
  'GET /v1/vpn/settings': (to) => json(to.settings()),
  'PUT /v1/vpn/settings': (_, body) => changeSettings(body),
  'GET /v1/openvpn/status': (to) => json({ status: to.vpnType === 'openvpn' ? to.vpnStatus() : 'stopped' }),
  'PUT /v1/openvpn/status': (to, body) => changeStatus(body, (status) => to.applyVpn(status)),
  'GET /v1/openvpn/portforwarded': () => moved(301, '/v1/portforward'),
  'GET /v1/openvpn/settings': (to) => json(to.settings().openvpn),
  'GET /v1/dns/status': (to) => json({ status: to.dnsStatus() }),
  'PUT /v1/dns/status': (to, body) => changeStatus(body, (status) => to.applyDns(status)),
  'GET /v1/updater/status': () => json({ status: 'stopped' }),
  'PUT /v1/updater/status': (_, body) => changeStatus(body, updater),
  'GET /v1/publicip/ip': (to) => json(to.publicIp()),
  'GET /v1/portforward': (to) => json(to.portForward()),
  'GET /openvpn/portforwarded': () => moved(308, '/v1/portforward'),
  'GET /openvpn/settings': () => moved(308, '/v1/openvpn/settings'),
  'GET /openvpn/actions/restart': async (to) => {
    await to.applyVpn('stopped');
    await to.applyVpn('running');
    return plain(restarted('openvpn'));
  },
  'GET /unbound/actions/restart': () => plain(restarted('dns')),
  'GET /updater/restart': () => plain(restarted('updater')),
};

function restarted(what: string): string {
  return `${what} restarted, please consider using the /v1/ API in the future.`;
}

/** Answers one request that may pass. */
export async function serve(route: string, targets: ControlTargets, body: string): Promise<Answer> {
  const handler = routes[route];
  return handler ? handler(targets, body) : failure(404, 'Not Found');
}

async function changeStatus(
  body: string,
  apply: (status: 'running' | 'stopped') => Promise<string> | string,
): Promise<Answer> {
  const problem = jsonProblem(body);
  if (problem) return failure(400, problem);
  const status = String((JSON.parse(body) as { status?: unknown }).status ?? '');
  if (status !== 'running' && status !== 'stopped') {
    return failure(400, `invalid status: ${status}: possible values are: stopped, running`);
  }
  try {
    return json({ outcome: await apply(status) });
  } catch (error) {
    return failure(500, (error as Error).message);
  }
}

/** Go's words for what is not JSON, as far as they were recorded; else the engine's own. */
function jsonProblem(body: string): string | undefined {
  if (body === '') return 'EOF';
  try {
    JSON.parse(body);
    return undefined;
  } catch (error) {
    if (body.startsWith('n')) return `invalid character '${body[1]}' in literal null (expecting 'u')`;
    return /^[{[]/.test(body) ? 'unexpected EOF' : (error as Error).message;
  }
}

function changeSettings(body: string): Answer {
  const problem = jsonProblem(body);
  if (problem) return failure(400, problem);
  const { type } = JSON.parse(body) as { type?: string };
  if (type !== undefined && type !== 'openvpn' && type !== 'wireguard') {
    const why = `value is not one of the possible choices: ${type} must be one of openvpn or wireguard`;
    return failure(400, `VPN type is not valid: ${why}`);
  }
  return failure(501, 'the stand-in does not change settings while it runs');
}

function updater(status: 'running' | 'stopped'): string {
  if (status === 'stopped') return 'already stopped';
  throw new Error('the stand-in does not update server lists');
}
