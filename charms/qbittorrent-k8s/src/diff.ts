/** @module What must change, pure and in order: nothing is written where nothing differs. */

import { planDifference } from '@vpn-k8s/pebble';
import { mergeConf, PASSWORD_KEY } from './conf.ts';
import { WEB_PORT } from './config.ts';
import type { Desired } from './desired.ts';
import type { Facts, Workload } from './gather.ts';

/** One effect, with the line that a log shows. */
export type Change =
  | { readonly kind: 'credentials'; readonly line: string }
  | { readonly kind: 'stop'; readonly line: string }
  | { readonly kind: 'conf'; readonly line: string; readonly text: string }
  | { readonly kind: 'layer'; readonly line: string; readonly layer: Desired['layer'] }
  | { readonly kind: 'start'; readonly line: string }
  | { readonly kind: 'port'; readonly line: string };

/** The changes from these facts to the desired state. */
export function diff(facts: Facts, wanted: Desired): Change[] {
  const { verdict, needsPassword, credentials, openedPorts, workload } = facts;
  const port = `${WEB_PORT}/tcp`;
  const make = verdict.leader && needsPassword && !credentials;
  return [
    ...(make ? [{ kind: 'credentials', line: '+ secret web-credentials' } as const] : []),
    ...(workload ? workloadChanges(facts, workload, wanted) : []),
    ...(openedPorts.includes(port) ? [] : [{ kind: 'port', line: `+ port ${port}` } as const]),
  ];
}

/** Pebble starts a service in backoff by itself; only the library stops it. */
export function runs({ service }: Workload): boolean {
  return service === 'active' || service === 'backoff';
}

function workloadChanges(facts: Facts, workload: Workload, wanted: Desired): Change[] {
  const { mayStartWorkload, mustStopWorkload } = facts.verdict;
  // Why: the library has stopped the service by now when it had to, and it must not be seen as running.
  const running = runs(workload) && !mustStopWorkload;
  // Why: what is changed now would have to be restarted, and nothing may be started; the next hook that may sees it still differ.
  if (running && !mayStartWorkload) return [];
  const planLines = planDifference(workload.plan, wanted.layer);
  const conf = confChanges(facts, workload, wanted);
  const stop = running && (planLines.some((line) => line.includes('service')) || conf.length > 0);
  const start = mayStartWorkload && (!running || stop) && !lacksPassword(facts);
  return [
    ...(stop ? [{ kind: 'stop', line: 'stop qbittorrent: its settings change' } as const] : []),
    ...conf,
    ...(planLines.length > 0 ? [{ kind: 'layer', line: planLines.join(', '), layer: wanted.layer } as const] : []),
    ...(start ? [{ kind: 'start', line: 'start qbittorrent' } as const] : []),
  ];
}

/** qBittorrent writes its file when it ends, so it is written only while it does not run or is about to be restarted. */
function confChanges(facts: Facts, workload: Workload, wanted: Desired): Change[] {
  if (lacksPassword(facts)) return [];
  const text = withPassword(mergeConf(workload.conf, wanted.conf), facts);
  if (text === workload.conf) return [];
  return [{ kind: 'conf', line: workload.conf === '' ? '+ qBittorrent.conf' : '~ qBittorrent.conf', text }];
}

/** Without a password of ours qBittorrent would start with a well-known or printed one. */
function lacksPassword({ needsPassword, credentials }: Facts): boolean {
  return needsPassword && !credentials;
}

function withPassword(text: string, { needsPassword, credentials }: Facts): string {
  if (!needsPassword || !credentials) return text;
  const values = { 'WebUI\\Username': credentials.username, [PASSWORD_KEY]: `"${credentials.pbkdf2}"` };
  return mergeConf(text, { Preferences: values });
}
