/** @module A short wait in a young pod, whose route comes up while its first hooks run. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CharmPorts } from '@vpn-k8s/charm';
import { ApiError, pods } from '@vpn-k8s/kube';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { CLIENT } from '../names.ts';
import { look, prove, runs } from '../proof.ts';
import type { Outcome } from './apply.ts';
import type { Desired } from './desired.ts';
import type { Facts } from './gather.ts';

/** A pod counts as young for this long, milliseconds. */
const YOUNG = 60_000;
/**
 * Longest wait, milliseconds. Why this long: the check `vpn` needs two periods of 2 s to notice that the route is not there; a route that
 * comes up before that would wake nobody, so a hook of a young pod does not end before.
 */
const LONGEST = 5_000;
const STEP = 100;

/**
 * The facts as soon as this pod is proven, or as they are when the wait is over. Waits only where nothing but this pod's own agent is
 * awaited: everything written, gateway connected, pod young.
 */
export async function settle(ports: CharmPorts, facts: Facts, want: Desired, outcome: Outcome): Promise<Facts> {
  if (!awaitsAgent(facts, want, outcome)) return facts;
  const end = performance.now() + LONGEST;
  let now = facts;
  while (!isProven(now, want) && performance.now() < end) {
    await delay(STEP);
    now = { ...now, proof: prove(look(ports.root)) };
    if (now.proof.routed && !runs(now.live.pod, CLIENT.sidecar)) now = await withPod(ports, now);
  }
  return now;
}

function awaitsAgent(facts: Facts, want: Desired, outcome: Outcome): boolean {
  const { problem, live } = facts;
  const written = !problem && !want.obstacle && !want.noPolicy && !want.patch && !outcome.refused;
  return written && want.gateway?.connected === true && isYoung(live.pod);
}

function isYoung(pod: Pod | undefined): boolean {
  return Date.now() - Date.parse(pod?.status?.startTime ?? '') < YOUNG;
}

function isProven({ proof, live }: Facts, { hash }: Desired): boolean {
  return proof.hash === hash && proof.locked && proof.routed && runs(live.pod, CLIENT.sidecar);
}

/** The kubelet reports a started container a moment later than it runs. */
async function withPod(ports: CharmPorts, facts: Facts): Promise<Facts> {
  try {
    const pod = await (await ports.kube()).get(pods, facts.unit.replace('/', '-'), { namespace: facts.namespace });
    return { ...facts, live: { ...facts.live, pod } };
  } catch (error) {
    if (error instanceof ApiError) return facts;
    throw error;
  }
}
