/** @module Tells the demo's story: each act between two readings of the oracle. */

import type { Lab } from '../lab.ts';
import { type Act, acts, type Memory, type Stage } from './acts.ts';
import { type Charms, CLIENT } from './applications.ts';
import type { Scene } from './picture.ts';
import { Probe } from './probe.ts';
import type { Report, Step } from './report.ts';

/** Who is told the story while it goes on. */
export interface Audience {
  /** A step has begun; on a terminal it is shown until it ends. */
  begin(name: string): void;
  step(step: Step): void;
}

/** How the story is told. */
export interface Telling {
  readonly charms: Charms;
  /** False when lock and policies are off: then the story goes on although packets leak. */
  readonly locked: boolean;
  readonly standIns: readonly string[];
}

/** The report, and the picture's scene at the moment in which the client was routed. */
export interface Told {
  readonly report: Report;
  readonly scene: Scene;
}

/** Tells the whole story. @throws TimedOut when an act does not come to its end */
export async function tell(lab: Lab, { charms, locked, standIns }: Telling, audience: Audience): Promise<Told> {
  const memory: Memory = { exitAddress: '', recoverySeconds: 0, podRestartsToRouted: 0, writesWhenNothingChanged: 0 };
  const probe = new Probe(lab, `${CLIENT}-0`, CLIENT, '/traffic');
  const stage: Stage = { lab, charms, probe, memory, locked };
  const steps: Step[] = [];
  for (const [name, act] of acts) {
    audience.begin(name);
    const step = await play(name, act, stage);
    steps.push(step);
    audience.step(step);
  }
  probe.stop();
  const { scene, specBefore: _, ...figures } = memory;
  const leaked = steps.reduce((sum, step) => sum + step.leaked, 0);
  if (!scene) throw new Error('The story ended without the client ever having been routed.');
  return { report: { steps, leaked, ...figures, standIns }, scene: { ...scene, leaked } };
}

async function play(name: string, act: Act, stage: Stage): Promise<Step> {
  const started = Date.now();
  const before = (await stage.lab.oracle.read()).clear;
  const state = await act(stage);
  const leaked = (await stage.lab.oracle.read()).clear - before;
  return { name, seconds: (Date.now() - started) / 1000, state, leaked };
}
