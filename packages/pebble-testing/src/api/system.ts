/** @module What Pebble tells about itself: system info, logs, metrics, identities. */

import { rfc3339Millis } from '../clock.ts';
import type { Daemon } from '../daemon.ts';
import { version } from '../daemon.ts';
import { quote } from '../plan/read.ts';
import { type Answer, type Incoming, jsonBody, names, Refusal, sync } from './answer.ts';

/** GET /v1/system-info. */
export function getSystemInfo(daemon: Daemon): Answer {
  return sync({ 'boot-id': daemon.bootId, version });
}

/** GET /v1/logs, without `follow`. */
export function getLogs(daemon: Daemon, request: Incoming): Answer {
  const follow = request.query.get('follow') ?? '';
  if (!['', 'true', 'false'].includes(follow)) throw new Refusal(400, 'follow parameter must be "true" or "false"');
  if (follow === 'true')
    throw new Refusal(501, 'This Pebble is a stand-in and does not follow logs; ask again instead');
  const text = request.query.get('n') || '30';
  if (!/^(-1|\d+)$/.test(text)) throw new Refusal(400, 'n must be -1, 0, or a positive integer');
  const lines = daemon.services.logs(names(request, 'services'));
  const shown = text === '-1' ? lines : text === '0' ? [] : lines.slice(-Number(text));
  const rows = shown.map(
    ({ time, service, message }) => `${JSON.stringify({ time: rfc3339Millis(time), service, message })}\n`,
  );
  return { status: 200, type: 'application/x-ndjson', body: Buffer.from(rows.join('')) };
}

/** GET /v1/metrics, in the OpenMetrics text form. */
export function getMetrics(daemon: Daemon): Answer {
  const rows = [...serviceMetrics(daemon), ...checkMetrics(daemon)];
  return { status: 200, type: 'text/plain; charset=utf-8', body: Buffer.from(rows.join('')) };
}

function serviceMetrics(daemon: Daemon): string[] {
  const active = 'Whether the service is currently active (1) or not (0)';
  const starts = 'Number of times the service has started';
  return daemon.services
    .started()
    .flatMap(({ name, status, startCount }) => [
      metric('pebble_service_active', 'gauge', active, 'service', name, status === 'active' ? 1 : 0),
      metric('pebble_service_start_count', 'counter', starts, 'service', name, startCount),
    ]);
}

function checkMetrics(daemon: Daemon): string[] {
  const up = 'Whether the health check is up (1) or not (0)';
  const succeeded = 'Number of times the check has succeeded';
  const failed = 'Number of times the check has failed';
  return daemon.checks.list().flatMap(({ status }, index) => {
    const { name, total } = daemon.checks.all()[index]!;
    const level = metric('pebble_check_up', 'gauge', up, 'check', name, status === 'up' ? 1 : 0);
    return [
      ...(status === 'inactive' ? [] : [level]),
      metric('pebble_check_success_count', 'counter', succeeded, 'check', name, total.successes),
      metric('pebble_check_failure_count', 'counter', failed, 'check', name, total.failures),
    ];
  });
}

/** GET /v1/identities. */
export function getIdentities(daemon: Daemon): Answer {
  return sync(daemon.identities);
}

/** POST /v1/identities: kept and shown, but not enforced (see the module of the server). */
export function postIdentities(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request, 'request body');
  const action = String(body.action ?? '');
  const given = (body.identities ?? {}) as Record<string, unknown>;
  if (!['add', 'update', 'replace', 'remove'].includes(action)) {
    throw new Refusal(400, `invalid action ${quote(action)}, must be "add", "update", "replace", or "remove"`);
  }
  if (action === 'remove') for (const name of Object.keys(given)) delete daemon.identities[name];
  else Object.assign(daemon.identities, given);
  return sync(null);
}

function metric(name: string, type: string, help: string, label: string, value: string, number: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}{${label}=${quote(value)}} ${number}\n\n`;
}
