/** @module Reads the pod's tables and rules in the form of the recordings. */

import type { RecordedState } from './fixtures.ts';
import type { RecordedNetwork } from './network.ts';
import type { PodFiles } from './pod.ts';

const LINK_LOCAL = /fe80::[0-9a-f:]+\/128/g;

/** Rules without counters and without the links' random addresses; repeated copies of a chain's rules are kept. */
export function plainRules(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => line !== '' && !/^[#*]/.test(line) && !line.startsWith(':') && line !== 'COMMIT');
  return kept.map((line) => line.replaceAll(LINK_LOCAL, 'fe80::link/128'));
}

/** Policies of the filter table's chains; a table that nobody has touched accepts. */
export function policies(lines: readonly string[]): string[] {
  const filter = lines.slice(lines.indexOf('*filter'));
  const own = filter.filter((line) => /^:(INPUT|OUTPUT|FORWARD) /.test(line)).slice(0, 3);
  if (own.length === 0) return [':INPUT ACCEPT', ':FORWARD ACCEPT', ':OUTPUT ACCEPT'];
  return own.map((line) => line.replace(/ \[.*/, ''));
}

/** The part of the dump that is the filter table. */
export function filterTable(lines: readonly string[]): string[] {
  const from = lines.indexOf('*filter');
  return from < 0 ? [] : lines.slice(from, lines.indexOf('COMMIT', from) + 1);
}

/** Rules of a recording, one copy of each: it holds as many as there were starts. Order is that of the first copy. */
export function oneCopy(rules: readonly string[]): string[] {
  return [...new Set(rules)];
}

/** The pod as it is now. */
export function podState(network: RecordedNetwork, files: PodFiles): RecordedState {
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter(Boolean);
  const table = (number: number) => {
    try {
      return lines(network.run('gpod', `ip route show table ${number}`));
    } catch {
      return [];
    }
  };
  return {
    iptables: lines(network.run('gpod', 'iptables-save')),
    ip6tables: lines(network.run('gpod', 'ip6tables-save')),
    rule4: lines(network.run('gpod', 'ip rule')),
    rule6: lines(network.run('gpod', 'ip -6 rule')),
    route_200: table(200),
    route_51820: table(51820),
    resolv_conf: lines(files.read('resolv.conf')),
  };
}

/** What is compared: policies, rules in order, preferences, tables, resolver. IPv6 rules per link are compared as a set. */
export function comparable(state: RecordedState) {
  const [four, six] = [filterTable(state.iptables), filterTable(state.ip6tables)];
  return {
    policies4: policies(four),
    policies6: policies(six),
    rules4: oneCopy(plainRules(four)),
    rules6: oneCopy(plainRules(six)).sort(),
    rule4: state.rule4,
    rule6: state.rule6,
  };
}
