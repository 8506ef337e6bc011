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
  const services = daemon.services
    .started()
    .map((service) => [
      metric(
        'pebble_service_active',
        'gauge',
        'Whether the service is currently active (1) or not (0)',
        'service',
        service.name,
        service.status === 'active' ? 1 : 0,
      ),
      metric(
        'pebble_service_start_count',
        'counter',
        'Number of times the service has started',
        'service',
        service.name,
        service.startCount,
      ),
    ]);
  const checks = daemon.checks.list().map((info, index) => {
    const { name, total } = daemon.checks.all()[index]!;
    const up = 'Whether the health check is up (1) or not (0)';
    return [
      ...(info.status === 'inactive'
        ? []
        : [metric('pebble_check_up', 'gauge', up, 'check', name, info.status === 'up' ? 1 : 0)]),
      metric(
        'pebble_check_success_count',
        'counter',
        'Number of times the check has succeeded',
        'check',
        name,
        total.successes,
      ),
      metric(
        'pebble_check_failure_count',
        'counter',
        'Number of times the check has failed',
        'check',
        name,
        total.failures,
      ),
    ];
  });
  return {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: Buffer.from([...services, ...checks].flat().join('')),
  };
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
