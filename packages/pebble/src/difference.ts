/** @module What a plan lacks of a layer, so that an unchanged layer costs no write. */
import type { Layer, Plan } from './layer.ts';

/**
 * Names every entry of the layer that the plan does not hold as the layer says, e.g. `['+ service web', '~ check vpn']`; empty means that sending the layer changes nothing.
 *
 * Only for layers whose entries say `override: replace`: what a merged entry asks for cannot be told from the plan. Durations are compared by length (`60s` is `1m0s`).
 */
export function planDifference(plan: Plan, layer: Layer): string[] {
  return [
    ...sectionDifference('service', plan.services, layer.services ?? {}),
    ...sectionDifference('check', plan.checks, layer.checks ?? {}),
    ...sectionDifference('log target', plan['log-targets'], layer['log-targets'] ?? {}),
  ];
}

function sectionDifference(
  noun: string,
  have: Readonly<Record<string, object>>,
  want: Readonly<Record<string, object>>,
): string[] {
  return Object.entries(want).flatMap(([name, entry]) => {
    const there = Object.hasOwn(have, name) ? have[name] : undefined;
    if (there === undefined) return [`+ ${noun} ${name}`];
    return canonical(there) === canonical(entry) ? [] : [`~ ${noun} ${name}`];
  });
}

/** Text that is the same for what Pebble takes as the same: sorted keys, no empty values, durations as seconds. */
function canonical(value: unknown, key = ''): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([name, item]) => key === 'environment' || !isEmpty(name, item));
    return `{${entries
      .map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, name)}`)
      .sort()
      .join(',')}}`;
  }
  if (durationKeys.has(key) && typeof value === 'string') return `${seconds(value)}s`;
  return JSON.stringify(String(value));
}

const durationKeys = new Set(['period', 'timeout', 'backoff-delay', 'backoff-limit', 'kill-delay']);

function isEmpty(name: string, value: unknown): boolean {
  if (value === undefined || value === '') return true;
  // Why: the plan shows the default of a threshold that the layer left out, and of nothing else.
  if (name === 'threshold' && (value === 3 || value === 0)) return true;
  // Why: Pebble leaves empty lists and maps out of the plan, but keeps a check's empty kind (`tcp: {}`).
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 0 &&
    !['http', 'tcp', 'exec'].includes(name)
  );
}

const unitSeconds: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** The length of a Go duration in seconds, rounded to nanoseconds; NaN when it is none. */
function seconds(duration: string): string {
  if (!/^(?:\d*\.?\d+(?:ns|us|µs|ms|s|m|h))+$/.test(duration)) return duration;
  const parts = [...duration.matchAll(/(\d*\.?\d+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, part) => sum + Number(part[1]) * unitSeconds[part[2]!]!, 0).toFixed(9);
}
