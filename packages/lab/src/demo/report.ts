/** @module The demo's result: one JSON object, or a table of at most 80 columns. */

/** One step of the story. */
export interface Step {
  readonly name: string;
  readonly seconds: number;
  /** What `juju status` or the internet says at the end of the step. */
  readonly state: string;
  /** Packets that went past the node outside the tunnel during the step. */
  readonly leaked: number;
}

/** The whole story, as `npm run demo -- --json` prints it. */
export interface Report {
  readonly steps: readonly Step[];
  readonly leaked: number;
  /** The address that the internet saw, e.g. `203.0.113.5`. */
  readonly exitAddress: string;
  /** Seconds from the new gateway's readiness to the client's next answer from the internet. */
  readonly recoverySeconds: number;
  /** How often the client's pod was replaced between relating and being routed. */
  readonly podRestartsToRouted: number;
  /** API writes of a hook of the client in which nothing has changed. */
  readonly writesWhenNothingChanged: number;
  /** The parts that are not the real thing, each with what it stands for. */
  readonly standIns: readonly string[];
}

const WIDTH = 80;

/** One step as a line: name, seconds, leaked packets, state cut to the width. */
export function stepLine(step: Step): string {
  const head = `${step.name.padEnd(20)}${step.seconds.toFixed(1).padStart(5)} s ${String(step.leaked).padStart(6)}  `;
  return `${head}${cut(step.state, WIDTH - head.length)}`;
}

/** The line above the steps. */
export const HEADER = `${'step'.padEnd(20)}${'time'.padStart(7)} ${'leaked'.padStart(6)}  then`;

/** The sentences below the steps. */
export function summary(report: Report): string[] {
  const { leaked, exitAddress, recoverySeconds, podRestartsToRouted, writesWhenNothingChanged } = report;
  return [
    `${leaked} packet${leaked === 1 ? '' : 's'} went past the node outside the tunnel.`,
    `The internet sees ${exitAddress}, the VPN's address (without it: 203.0.113.1).`,
    `Back ${recoverySeconds.toFixed(2)} s after the restarted gateway was ready; ${times(podRestartsToRouted)} from relate`,
    `to routed; ${writesWhenNothingChanged} API writes in a hook with nothing to do.`,
    'Not the real thing here:',
    ...report.standIns.map((line) => `  - ${cut(line, WIDTH - 4)}`),
  ];
}

const times = (count: number) => (count === 1 ? 'one pod restart' : `${count} pod restarts`);

/** A text cut to so many columns, with an ellipsis where something is missing. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
