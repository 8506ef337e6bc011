/** @module DNS names, labels and the names that Juju gives to an application's Services. */
import { Refusal } from './refusal.ts';

declare const label: unique symbol;
declare const dnsName: unique symbol;
/** One label of a DNS name (RFC 1123): lower case, digits, hyphens, at most 63; also an application's or a namespace's name. */
export type Label = string & { readonly [label]: true };
/** A DNS name of labels, at most 253 characters, without a final dot. */
export type DnsName = string & { readonly [dnsName]: true };

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads an application's or a namespace's name.
 * @throws Refusal
 * @example parseLabel('qbittorrent')
 */
export function parseLabel(text: string): Label {
  if (!LABEL.test(text)) throw new Refusal(text, 'is not a name: lower-case letters, digits and hyphens, at most 63');
  return text as Label;
}

/**
 * Reads a DNS name; a final dot is dropped.
 * @throws Refusal
 * @example parseDnsName('gluetun-endpoints.vpn.svc.cluster.local')
 */
export function parseDnsName(text: string): DnsName {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > 253 || !name.split('.').every((part) => LABEL.test(part))) {
    throw new Refusal(text, 'is not a DNS name: labels of lower-case letters, digits and hyphens, joined by dots');
  }
  return name as DnsName;
}

/** An application's headless Service taken apart. */
export interface EndpointsName {
  readonly app: Label;
  readonly namespace: Label;
  readonly domain: DnsName;
}

/**
 * Takes `<app>-endpoints.<namespace>.svc.<domain>` apart, the headless Service that Juju makes for each application;
 * undefined for a name of any other form.
 */
export function splitEndpointsName(name: DnsName): EndpointsName | undefined {
  const found = /^([a-z0-9-]+)-endpoints\.([a-z0-9-]+)\.svc\.(.+)$/.exec(name);
  if (!found) return undefined;
  const [, app, namespace, domain] = found;
  return { app: app as Label, namespace: namespace as Label, domain: domain as DnsName };
}

/** The headless name of an application; the inverse of {@link splitEndpointsName}. */
export function endpointsName(app: Label, namespace: Label, domain: DnsName): DnsName {
  return `${app}-endpoints.${namespace}.svc.${domain}` as DnsName;
}
