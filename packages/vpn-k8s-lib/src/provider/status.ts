/** @module The gateway's answer: pure, from what was gathered, wanted and written. */
import type { Outcome } from '../apply.ts';
import { GATEWAY } from '../names.ts';
import { runs } from '../proof.ts';
import type { Desired } from './desired.ts';
import type { Facts } from './gather.ts';
import type { Client, ProviderVerdict } from './verdict.ts';

/** The answer for this unit. */
export function judge(facts: Facts, want: Desired, outcome: Outcome): ProviderVerdict {
  const blocked = refusal(facts, want, outcome);
  const waiting = blocked ?? missing(facts, want, outcome);
  const clients = want.clients.map(asClient);
  return {
    ready: waiting === undefined,
    blocked: blocked !== undefined,
    reason: waiting ?? serving(clients),
    changed: outcome.done.length > 0,
    clients,
    overlay: facts.overlay.word,
  };
}

function serving(clients: readonly Client[]): string {
  const refused = clients.find(({ problem }) => problem !== undefined);
  const served = clients.filter(({ problem }) => problem === undefined).length;
  const count = served === 1 ? '1 client' : `${served} clients`;
  return `serving ${count}${refused ? `; data of ${refused.app} is refused: ${refused.problem}` : ''}`;
}

function refusal({ problem }: Facts, want: Desired, outcome: Outcome): string | undefined {
  return (problem?.kind === 'refused' ? problem.sentence : undefined) ?? want.blocked ?? outcome.refused;
}

function missing(facts: Facts, want: Desired, outcome: Outcome): string | undefined {
  const { live, overlay, problem } = facts;
  if (problem?.kind === 'failed') return problem.error.message.slice(0, 200);
  if (outcome.patched) return 'the pod is replaced once, for the gateway';
  if (want.hash === undefined) return 'the StatefulSet is not there yet';
  if (want.patch) return 'the leader has not patched the StatefulSet yet';
  if (overlay.hash !== want.hash) return 'the overlay of this pod is not made yet';
  if (!runs(live.pod, GATEWAY.sidecar)) return 'the sidecar of this pod does not run';
  return overlay.word === 'up' ? undefined : (WORDS[overlay.word ?? ''] ?? 'the tunnel has not answered yet');
}

/** The agent's words (agent/gateway_sidecar.sh, tell) for people. */
const WORDS: Readonly<Record<string, string>> = {
  down: 'the tunnel does not answer',
  'no-tunnel': 'the tunnel interface is not there',
  'no-forwarding': 'the pod may not forward packets: allow the sysctl net.ipv4.ip_forward or a privileged init',
  'no-rules': "the gateway's firewall rules could not be made",
};

function asClient({ related, read }: Desired['clients'][number]): Client {
  return {
    relationId: related.id,
    app: related.app,
    instanceName: read.kind === 'client' ? read.client.instanceName : undefined,
    problem: read.kind === 'invalid' ? read.problem : undefined,
  };
}
