/** @module Who leads: the first unit with an agent, and another one when the leader has been away longer than its lease. */

import { elect } from './model/operator.ts';
import { type Application, type Model, type Unit, unitsOf } from './model/state.ts';

/** From the end of the leader's agent to leader-elected elsewhere (recorded: 37 s; the lease itself is 30 s). */
export const LEASE_MS = 37_000;

/** Elects where it is due; to be called at every change and every second. `awaySince` tells since when a unit's agent is gone. */
export function renewLeadership(model: Model, awaySince: ReadonlyMap<string, number>, leaseMs: number): void {
  for (const application of model.applications.values()) {
    const next = successor(model, application, awaySince, leaseMs);
    if (next) elect(model, next.name);
  }
}

function successor(
  model: Model,
  application: Application,
  awaySince: ReadonlyMap<string, number>,
  leaseMs: number,
): Unit | undefined {
  const { leader } = application;
  const since = leader === undefined ? undefined : awaySince.get(leader);
  if (leader !== undefined && model.units.has(leader) && (since === undefined || model.now() - since < leaseMs))
    return undefined;
  return unitsOf(model, application.name).find((u) => u.name !== leader && !u.lost && u.life === 'alive');
}
