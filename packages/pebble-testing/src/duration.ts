/** @module Go durations (`1m30s`, `500ms`), in and out. */

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const pattern = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/;

/** Milliseconds of a Go duration, with a fraction where it has one; undefined when Go would refuse it. */
export function parseDuration(text: string): number | undefined {
  if (!pattern.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const nanoseconds = parts.reduce((sum, part) => sum + Number(part[1]) * units[part[2]!]!, 0);
  return (text.startsWith('-') ? -nanoseconds : nanoseconds) / 1e6;
}

/** Writes milliseconds as Go's Duration.String does: `1m30s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(Math.abs(milliseconds) * 1e6);
  const sign = milliseconds < 0 ? '-' : '';
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e9) return `${sign}${small(nanoseconds)}`;
  const seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${trimmed((nanoseconds % 60e9) / 1e9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${sign}${minutes}m${rest}` : `${sign}${rest}`;
}

function small(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  return nanoseconds < 1e6 ? `${trimmed(nanoseconds / 1e3)}µs` : `${trimmed(nanoseconds / 1e6)}ms`;
}

function trimmed(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
