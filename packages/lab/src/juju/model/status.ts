/** @module Status of applications: what the leader set, or the gravest of the units'. */

import { type Application, type Model, type StatusEntry, type Unit, unitsOf } from './state.ts';

/** Gravest first. Source: core/status/status.go of Juju, DeriveStatus. */
const GRAVITY = ['error', 'blocked', 'waiting', 'maintenance', 'terminated', 'active', 'unknown'];

/** The application's status: set by the leader, else worked out of its units. */
export function applicationStatus(model: Model, application: Application): StatusEntry {
  if (application.status) return application.status;
  const units = unitsOf(model, application.name).map(shownStatus);
  const gravest = GRAVITY.flatMap((name) => units.filter((u) => u.status === name))[0];
  return gravest ?? { status: 'unknown', message: '', data: {}, since: model.now() };
}

/** The workload status that others see: unknown while the agent is away. */
export function shownStatus(unit: Unit): StatusEntry {
  if (!unit.lost) return unit.status;
  const message = 'agent lost, see `juju debug-logs` or `juju show-status-log` for more information';
  return { status: 'unknown', message, data: {}, since: unit.status.since };
}

/** `status-set --application`: at once, kept until set again. */
export function setApplicationStatus(model: Model, application: Application, status: string, message: string): void {
  application.status = { status, message, data: {}, since: model.now() };
  model.changed();
}
