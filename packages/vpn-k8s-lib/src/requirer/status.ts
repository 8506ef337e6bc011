/** @module The verdict: pure, from what was gathered, wanted and written. */
import { CLIENT } from '../names.ts';
import { hasOurs } from '../patch/template.ts';
import { runs } from '../proof.ts';
import type { Gateway } from '../relation/gateway.ts';
import type { GatewayView, Verdict, VerdictState } from '../verdict.ts';
import type { Outcome } from './apply.ts';
import type { Desired } from './desired.ts';
import type { Facts, Here } from './gather.ts';
import type { RequirerOptions } from './options.ts';

/**
 * True when this pod's workload must not run another moment, as far as it is known without asking the cluster: related but not
 * locked, or required and not related.
 */
export function mustStopNow(here: Here, options: RequirerOptions): boolean {
  return here.related ? !here.proof.locked : options.required;
}

/** The same once the cluster has answered: an application that leaves the VPN runs again only in a pod without it. */
export function mustStop(facts: Facts): boolean {
  const { pod } = facts.live;
  const clean = pod !== undefined && !hasOurs(pod.spec, CLIENT);
  return mustStopNow(facts, facts.options) || (!facts.related && !clean);
}

/** The verdict on this pod. */
export function judge(facts: Facts, want: Desired, outcome: Outcome): Verdict {
  const { state, reason } = facts.related ? related(facts, want, outcome) : unrelated(facts, want, outcome);
  const stop = mustStop(facts);
  const free = state === 'unrelated' && !stop;
  return {
    state,
    reason,
    changed: outcome.done.length > 0,
    mayStartWorkload: state === 'ready' || free,
    mustStopWorkload: stop,
    leader: facts.leader,
    ...(want.gateway ? { gateway: view(want.gateway) } : {}),
  };
}

type Judged = { readonly state: VerdictState; readonly reason: string };

/** The first thing that is missing, in the order in which a person can do something about it. */
function related(facts: Facts, want: Desired, outcome: Outcome): Judged {
  const problem = refusal(facts, want, outcome) ?? want.obstacle;
  if (problem) return problem;
  const waiting = missing(facts, want, outcome);
  return waiting === undefined
    ? { state: 'ready', reason: route(want.gateway as Gateway) }
    : { state: 'waiting', reason: waiting };
}

function refusal({ problem }: Facts, want: Desired, outcome: Outcome): Judged | undefined {
  if (problem?.kind === 'refused') return { state: 'blocked', reason: problem.sentence };
  if (problem) return { state: 'waiting', reason: problem.error.message.slice(0, 200) };
  const reason = outcome.refused ?? want.noPolicy;
  return reason === undefined ? undefined : { state: 'blocked', reason };
}

function missing(facts: Facts, want: Desired, outcome: Outcome): string | undefined {
  const { proof, leader, live } = facts;
  if (outcome.patched) return 'the pod is replaced once, for the VPN';
  if (want.patch) return leader ? 'the pod is not patched yet' : 'the leader has not patched the StatefulSet yet';
  if (!leader && !live.policy) return 'the leader has not written the policy yet';
  if (proof.hash !== want.hash) return proof.missing ?? 'this pod still runs with an earlier configuration';
  if (!runs(live.pod, CLIENT.sidecar)) return 'the sidecar of this pod does not run';
  if (!want.gateway?.connected) return `${facts.related?.app} is not connected`;
  return proof.missing;
}

function unrelated(facts: Facts, want: Desired, outcome: Outcome): Judged {
  const { app, options } = facts;
  const problem = options.required || want.patch ? refusal(facts, want, outcome) : undefined;
  if (problem) return problem;
  if (facts.dying) return { state: 'unrelated', reason: 'this unit is being removed' };
  if (mustStop(facts) && !options.required)
    return { state: 'unrelated', reason: 'leaving the VPN: the pod is replaced' };
  if (!options.required) return { state: 'unrelated', reason: 'runs without VPN' };
  return { state: 'unrelated', reason: `no VPN gateway: run: juju integrate ${app}:${options.relation} <gateway>` };
}

function route(gateway: Gateway): string {
  const exit = [gateway.externalIp, gateway.location].filter((part) => part).join(', ');
  return `through ${gateway.app}${exit ? ` (exit ${exit})` : ''}`;
}

function view(gateway: Gateway): GatewayView {
  const { app, namespace, routingMethod, connected, externalIp, dnsIp, location, forwardedPorts, clusterDomain } =
    gateway;
  return { app, namespace, routingMethod, connected, externalIp, dnsIp, location, forwardedPorts, clusterDomain };
}
