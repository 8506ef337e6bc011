/** @module Ports, VXLAN numbers, the overlay's network and MTU arithmetic. */

import { isIP } from 'node:net';
import type { Ipv4 } from './address.ts';
import { type Cidr, parseCidr } from './cidr.ts';
import { Refusal } from './refusal.ts';

declare const port: unique symbol;
declare const vni: unique symbol;
declare const overlay: unique symbol;
/** A TCP or UDP port, 1 to 65535. */
export type Port = number & { readonly [port]: true };
/** A VXLAN network identifier, 1 to 16777215. */
export type Vni = number & { readonly [vni]: true };
/** The first three octets of the overlay's /24, e.g. `172.16.0`. */
export type OverlayNetwork = string & { readonly [overlay]: true };

/** Reads a port. @throws Refusal */
export function parsePort(value: number): Port {
  if (!Number.isInteger(value) || value < 1 || value > 65535) throw new Refusal(value, 'is not a port: 1 to 65535');
  return value as Port;
}

/** Reads a VXLAN network identifier (RFC 7348: 24 bits). @throws Refusal */
export function parseVni(value: number): Vni {
  if (!Number.isInteger(value) || value < 1 || value > 0xffffff) {
    throw new Refusal(value, 'is not a VXLAN number: 1 to 16777215');
  }
  return value as Vni;
}

/**
 * Reads the overlay's network: three octets of a private /24.
 * @throws Refusal
 * @example parseOverlay('172.16.0')
 */
export function parseOverlay(text: string): OverlayNetwork {
  const rule = 'is not an overlay network: write three octets of a private network, e.g. 172.16.0';
  if (isIP(`${text}.0`) !== 4) throw new Refusal(text, rule);
  if (!/^(10|172\.(1[6-9]|2\d|3[01])|192\.168|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(text)) {
    throw new Refusal(text, rule);
  }
  return text as OverlayNetwork;
}

/** The overlay's range, a /24. */
export function overlayRange(network: OverlayNetwork): Cidr {
  return parseCidr(`${network}.0/24`);
}

/** A host of the overlay; the gateway is host 1. */
export function overlayHost(network: OverlayNetwork, host: number): Ipv4 {
  return `${network}.${host}` as Ipv4;
}

/** Bytes that VXLAN adds to a packet: outer Ethernet, IP, UDP and VXLAN headers (RFC 7348). */
export const VXLAN_OVERHEAD = { 4: 50, 6: 70 } as const;

/**
 * What fits through overlay and tunnel without fragments.
 * @param uplink MTU of eth0 in bytes
 * @param family of the addresses between the pods
 * @param tunnel MTU of the tunnel in bytes, when there is one
 */
export function overlayMtu(uplink: number, family: 4 | 6, tunnel: number | undefined): number {
  return Math.min(uplink - VXLAN_OVERHEAD[family], tunnel ?? Number.POSITIVE_INFINITY);
}
