/** @module Status of applications: what the leader set, or the gravest of the units'. */

import { type Application, type Model, type StatusEntry, unitsOf } from './state.ts';

/** Gravest first. Source: core/status/status.go of Juju, DeriveStatus. */
const GRAVITY = ['error', 'blocked', 'waiting', 'maintenance', 'terminated', 'active', 'unknown'];

/** The application's status: set by the leader, else worked out of its units. */
export function applicationStatus(model: Model, application: Application): StatusEntry {
  if (application.status) return application.status;
  const units = unitsOf(model, application.name).map((unit) => unit.status);
  const gravest = GRAVITY.flatMap((name) => units.filter((u) => u.status === name))[0];
  return gravest ?? { status: 'unknown', message: '', data: {}, since: model.now() };
}

/** `status-set --application`: at once, kept until set again. */
export function setApplicationStatus(model: Model, application: Application, status: string, message: string): void {
  application.status = { status, message, data: {}, since: model.now() };
  model.changed();
}
