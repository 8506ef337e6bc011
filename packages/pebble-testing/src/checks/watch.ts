/** @module One check under way: looks once per period, and tells when its fortune changes. */
import type { Check, Plan } from '@vpn-k8s/pebble';
import type { Task } from '../changes.ts';
import { parseDuration } from '../duration.ts';
import { type ProbeError, probe } from './probe.ts';

/** How a check fares; the same numbers as `GET /v1/checks` shows. */
export interface Tally {
  successes: number;
  failures: number;
}

/** What one look found: nothing of note, or the reason of its failure. */
export type Refresh = (result: ProbeError | undefined) => void;

/** A configuration with its defaults: period 10 s, timeout 3 s but no longer than the period, threshold 3. */
export interface Timing {
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly threshold: number;
}

/** Reads the timing of a check. */
export function timingOf(check: Check): Timing {
  const periodMs = parseDuration(check.period ?? '10s') ?? 10_000;
  const timeoutMs = Math.min(parseDuration(check.timeout ?? '3s') ?? 3_000, periodMs);
  return { periodMs, timeoutMs, threshold: check.threshold || 3 };
}

/**
 * Looks once per period until `done` says that the look ended it, or `signal` is aborted.
 *
 * The first look comes after one period; a look that takes longer than the period delays the next. `refreshes` are looks asked for at once, which begin the period anew.
 */
export async function watch(
  plan: () => Plan,
  check: Check,
  refreshes: { waiting: Refresh[]; wake: () => void },
  signal: AbortSignal,
  done: (error: ProbeError | undefined) => boolean,
): Promise<void> {
  const { periodMs, timeoutMs } = timingOf(check);
  for (let next = performance.now() + periodMs; !signal.aborted; ) {
    await pause(next - performance.now(), refreshes, signal);
    if (signal.aborted) return;
    const asked = refreshes.waiting.splice(0);
    const error = await probe(plan(), check, timeoutMs, signal).then(
      () => undefined,
      (reason: ProbeError) => reason,
    );
    if (signal.aborted) return;
    const ended = done(error);
    for (const answer of asked) answer(error);
    if (ended) return;
    next = asked.length > 0 ? performance.now() + periodMs : Math.max(next + periodMs, performance.now());
  }
}

/** Writes a failure into the task's log. */
export function logFailure(task: Task, error: ProbeError): void {
  task.write('ERROR', error.whole);
}

async function pause(
  ms: number,
  refreshes: { waiting: Refresh[]; wake: () => void },
  signal: AbortSignal,
): Promise<void> {
  if (refreshes.waiting.length > 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  refreshes.wake = resolve;
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
