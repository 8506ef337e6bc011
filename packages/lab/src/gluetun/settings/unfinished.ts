/** @module Names what the real program does and the stand-in does not, instead of pretending. */

import type { Settings } from './settings.ts';

/**
 * A sentence for each accepted setting that the stand-in cannot honour; empty when it can run.
 * @example unfinished(settings)[0] // 'the stand-in does not do OpenVPN yet: set VPN_TYPE=wireguard'
 */
export function unfinished(settings: Settings, env: Readonly<Record<string, string | undefined>>): string[] {
  const on = (name: string) => ['on', 'yes', 'true', 'enabled'].includes((env[name] ?? '').toLowerCase());
  const answers: [boolean, string][] = [
    [settings.vpnType !== 'wireguard', 'does not do OpenVPN yet: set VPN_TYPE=wireguard'],
    [settings.dns.serverEnabled, 'has no DNS server: set DNS_SERVER=off and DNS_ADDRESS'],
    [on('HTTPPROXY'), 'has no HTTP proxy: set HTTPPROXY=off'],
    [on('SHADOWSOCKS'), 'has no Shadowsocks server: set SHADOWSOCKS=off'],
    [
      settings.publicIp.enabled && !settings.publicIp.api.startsWith('echoip#'),
      'asks no public service for its address: set PUBLICIP_API=echoip#http://... or PUBLICIP_ENABLED=off',
    ],
    [settings.portForward.enabled && natPmp(settings) === undefined, 'forwards ports by NAT-PMP only (protonvpn)'],
  ];
  return answers.filter(([wanted]) => wanted).map(([, what]) => `the stand-in ${what}`);
}

function natPmp(settings: Settings): true | undefined {
  return (settings.portForward.provider || settings.provider) === 'protonvpn' ? true : undefined;
}
