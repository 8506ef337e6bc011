/** @module What must change, pure and in order: nothing is written where nothing differs. */

import { planDifference } from '@vpn-k8s/pebble';
import { confValue, mergeConf, PASSWORD_KEY } from './conf.ts';
import { WEB_PORT } from './config.ts';
import type { Desired } from './desired.ts';
import type { Facts, Workload } from './gather.ts';

/** One effect, with the line that a log shows. */
export type Change =
  | { readonly kind: 'credentials'; readonly line: string }
  | { readonly kind: 'stop'; readonly line: string }
  | { readonly kind: 'conf'; readonly line: string; readonly text: string; readonly needsPassword: boolean }
  | { readonly kind: 'layer'; readonly line: string; readonly layer: Desired['layer'] }
  | { readonly kind: 'start'; readonly line: string }
  | { readonly kind: 'port'; readonly line: string };

/** The changes from these facts to the desired state. */
export function diff(facts: Facts, wanted: Desired): Change[] {
  const port = `${WEB_PORT}/tcp`;
  const ports: Change[] = facts.openedPorts.includes(port) ? [] : [{ kind: 'port', line: `+ port ${port}` }];
  return facts.workload ? [...workloadChanges(facts, facts.workload, wanted), ...ports] : ports;
}

function workloadChanges(facts: Facts, workload: Workload, wanted: Desired): Change[] {
  const { mayStartWorkload, mustStopWorkload } = facts.verdict;
  // Why: the library has stopped the service by now when it had to, and it must not be seen as running.
  const running = workload.running && !mustStopWorkload;
  const planLines = planDifference(workload.plan, wanted.layer);
  const serviceChanged = planLines.some((line) => line.includes('service'));
  const conf = confChanges(facts, workload, wanted, running);
  const stop = running && mayStartWorkload && (serviceChanged || conf.length > 0);
  const start = mayStartWorkload && (!running || stop) && hasPassword(workload, conf);
  return [
    ...(stop ? [{ kind: 'stop', line: '- service qbittorrent (its settings change)' } as const] : []),
    ...conf,
    ...(planLines.length > 0 ? [{ kind: 'layer', line: planLines.join(', '), layer: wanted.layer } as const] : []),
    ...(start ? [{ kind: 'start', line: '+ service qbittorrent' } as const] : []),
  ];
}

/** qBittorrent writes its file when it ends, so the file is written only while it does not run or is about to be restarted. */
function confChanges(facts: Facts, workload: Workload, wanted: Desired, running: boolean): Change[] {
  if (running && !facts.verdict.mayStartWorkload) return [];
  const text = mergeConf(workload.conf, wanted.conf);
  const needsPassword = confValue(workload.conf, 'Preferences', PASSWORD_KEY) === undefined;
  if (text === workload.conf && !needsPassword) return [];
  const line = workload.conf === '' ? '+ qBittorrent.conf' : '~ qBittorrent.conf';
  const write: Change = { kind: 'conf', line, text, needsPassword };
  if (!needsPassword || workload.credentials) return [write];
  return facts.leader ? [{ kind: 'credentials', line: '+ secret web-credentials' }, write] : [];
}

/** Without a password of ours qBittorrent would start with a well-known or printed one. */
function hasPassword(workload: Workload, conf: Change[]): boolean {
  return confValue(workload.conf, 'Preferences', PASSWORD_KEY) !== undefined || conf.length > 0;
}
