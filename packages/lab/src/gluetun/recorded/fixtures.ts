/** @module The recordings in `fixtures/gluetun`, read and typed. */

import { readFileSync } from 'node:fs';

/** One request to the control or health server and its answer. */
export interface RecordedExchange {
  readonly state: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

/** One environment and what the program said of it. */
export interface RecordedSettings {
  readonly provider: string;
  readonly type: string;
  readonly case: string;
  readonly env: Readonly<Record<string, string>>;
  readonly accepted: boolean;
  readonly error?: string;
}

/** Tables, rules and files of the pod in one moment. */
export interface RecordedState {
  readonly iptables: readonly string[];
  readonly ip6tables: readonly string[];
  readonly rule4: readonly string[];
  readonly rule6: readonly string[];
  readonly route_200?: readonly string[];
  readonly route_51820?: readonly string[];
  readonly resolv_conf?: readonly string[];
}

/** One way to start the firewall. */
export interface RecordedFirewall {
  readonly case: string;
  readonly post_rules: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly exited: number | null;
  readonly log: readonly string[];
  readonly dump: RecordedState;
  readonly leak: { readonly gateway_pod: string; readonly client: string };
  readonly after_sigterm?: RecordedState;
}

/** Reads one of the files. */
export function recorded<T>(name: string): T[] {
  const url = new URL(`../../../fixtures/gluetun/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T[];
}

/** Text with public URLs replaced, as in the recordings. */
export function withoutUrls(text: string): string {
  return text.replaceAll(/https:\/\/github\.com\/qdm12\/\S+/g, '<url>');
}
