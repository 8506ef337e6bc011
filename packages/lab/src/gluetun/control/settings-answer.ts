/** @module The settings as GET /v1/vpn/settings shows them, keys and all, in the recorded order. */

import type { Selection, Settings } from '../settings/settings.ts';

/** The whole answer as an object. */
export function settingsAnswer(settings: Settings) {
  const { portForward, wireguard } = settings;
  return {
    type: settings.vpnType,
    provider: {
      name: settings.provider,
      server_selection: selectionAnswer(settings.vpnType, settings.selection),
      port_forwarding: {
        enabled: portForward.enabled,
        provider: portForward.provider,
        status_file_path: portForward.statusFile,
        up_command: portForward.upCommand,
        down_command: portForward.downCommand,
        listening_port: portForward.listeningPort,
        username: portForward.username,
        password: portForward.password,
      },
    },
    openvpn: openvpnAnswer(wireguard.interface),
    wireguard: {
      private_key: wireguard.privateKey,
      pre_shared_key: wireguard.presharedKey,
      addresses: wireguard.addresses,
      allowed_ips: wireguard.allowedIps,
      interface: wireguard.interface,
      persistent_keep_alive_interval: wireguard.keepaliveMs * 1e6,
      mtu: wireguard.mtu,
      implementation: wireguard.implementation,
    },
  };
}

function selectionAnswer(vpn: string, selection: Selection) {
  const { countries, categories, regions, cities, isps, names, numbers, hostnames } = selection;
  return {
    vpn,
    countries,
    categories,
    regions,
    cities,
    isps,
    names,
    numbers,
    hostnames,
    owned_only: selection.ownedOnly,
    free_only: selection.freeOnly,
    premium_only: selection.premiumOnly,
    stream_only: selection.streamOnly,
    multi_hop_only: selection.multiHopOnly,
    port_forward_only: selection.portForwardOnly,
    secure_core_only: selection.secureCoreOnly,
    tor_only: selection.torOnly,
    openvpn: {
      config_file_path: '',
      protocol: 'udp',
      endpoint_ip: '0.0.0.0',
      custom_port: 0,
      pia_encryption_preset: '',
    },
    wireguard: {
      endpoint_ip: selection.endpointIp || '0.0.0.0',
      endpoint_port: selection.endpointPort,
      public_key: selection.publicKey,
    },
  };
}

function openvpnAnswer(tunnel: string) {
  const empty = { cert: '', key: '', encrypted_key: '', key_passphrase: '', pia_encryption_preset: '' };
  return {
    version: '2.6',
    user: '',
    password: '',
    config_file_path: '',
    ciphers: null,
    auth: '',
    ...empty,
    mssfix: 0,
    interface: tunnel,
    process_user: 'nonrootuser',
    verbosity: 1,
    flags: null,
  };
}
