/** @module Pure: what `juju status --relations` would say. */

import { type Model, type Relation, type Unit, unitsOf } from './model/state.ts';
import { applicationStatus, shownStatus } from './model/status.ts';

/** Columns of text, two spaces apart, no trailing blanks. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The whole text: model, applications, units, relations. */
export function statusText(model: Model): string {
  const parts = [modelTable(model), applicationTable(model), unitTable(model), relationTable(model)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function modelTable(model: Model): string {
  return table([
    ['Model', 'Controller', 'Cloud/Region', 'Version'],
    [model.name, 'lab', 'lab/localhost', model.version],
  ]);
}

function applicationTable(model: Model): string {
  const rows = [...model.applications.values()].map((a) => {
    const status = applicationStatus(model, a);
    const units = unitsOf(model, a.name);
    const ready = units.filter((u) => !u.lost && u.status.status === 'active').length;
    return [
      a.name,
      a.workloadVersion,
      status.status,
      `${ready}/${units.length}`,
      a.charm.metadata.name,
      String(a.charmModified),
      a.clusterIp,
      'no',
      status.message,
    ];
  });
  return rows.length === 0
    ? ''
    : table([['App', 'Version', 'Status', 'Scale', 'Charm', 'Rev', 'Address', 'Exposed', 'Message'], ...rows]);
}

function unitTable(model: Model): string {
  const rows = [...model.units.values()].map((unit) => {
    const { workload, message } = presented(unit);
    const leader = model.applications.get(unit.application)?.leader === unit.name ? '*' : '';
    const ports = unit.ports.map((p) => `${p.port}/${p.protocol}`).join(',');
    return [`${unit.name}${leader}`, workload, agentState(unit), unit.address, ports, message];
  });
  return rows.length === 0 ? '' : table([['Unit', 'Workload', 'Agent', 'Address', 'Ports', 'Message'], ...rows]);
}

/** A failed hook covers the workload's own status; a unit without an agent is lost, one that never had one is waiting. */
export function presented(unit: Unit): { workload: string; message: string } {
  if (unit.agent.status === 'error') return { workload: 'error', message: unit.agent.message };
  if (unit.podUid === '') return { workload: unit.status.status, message: unit.status.message };
  const { status, message } = shownStatus(unit);
  return { workload: status, message };
}

function agentState(unit: Unit): string {
  if (unit.podUid === '') return 'allocating';
  if (unit.lost) return 'lost';
  return unit.agent.status === 'error' ? 'idle' : unit.agent.status;
}

function relationTable(model: Model): string {
  const rows = [...model.relations.values()].filter((r) => r.life !== 'dead').map((r) => relationRow(model, r));
  return rows.length === 0
    ? ''
    : table([['Integration provider', 'Requirer', 'Interface', 'Type', 'Message'], ...rows]);
}

function relationRow(model: Model, relation: Relation): string[] {
  const provider = relation.ends.find((e) => e.role === 'provider') ?? relation.ends[0]!;
  const requirer = relation.ends.find((e) => e !== provider) ?? provider;
  const spec = model.applications
    .get(provider.application)
    ?.charm.metadata.endpoints.find((e) => e.name === provider.endpoint);
  const name = (end: typeof provider) => `${end.application}:${end.endpoint}`;
  return [
    name(provider),
    name(requirer),
    spec?.interface ?? '',
    relation.ends.length === 1 ? 'peer' : 'regular',
    relation.life === 'dying' ? 'stopping' : '',
  ];
}
