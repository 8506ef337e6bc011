/** @module What Pebble refuses in a layer and in a plan, in its words. */
import type { Check, Plan, Service } from '@vpn-k8s/pebble';
import { parseDuration } from '../duration.ts';
import { resolveOwner } from '../users.ts';
import { parseCommand, splitWords } from '../words.ts';
import { orderServices } from './order.ts';
import { LayerError, quote, type ReadLayer } from './read.ts';

/** Throws LayerError for a layer that Pebble refuses by itself, before combining. */
export function validateLayer(layer: ReadLayer): void {
  if (layer.label.startsWith('pebble-')) throw new LayerError('cannot use reserved label prefix "pebble-"');
  for (const [name, service] of Object.entries(layer.sections.services)) validateService(name, service as Service);
  for (const [name, check] of Object.entries(layer.sections.checks)) validateCheck(name, check as Check);
  for (const [name, target] of Object.entries(layer.sections['log-targets']))
    validateTarget(name, String(target.type ?? ''));
}

/** Throws LayerError for a combined plan that Pebble refuses. */
export function validatePlan(plan: Plan): void {
  for (const [name, service] of Object.entries(plan.services)) {
    if (!service.command) throw new LayerError(`plan must define "command" for service ${quote(name)}`);
  }
  for (const [name, check] of Object.entries(plan.checks)) validatePlanCheck(plan, name, check);
  for (const [name, target] of Object.entries(plan['log-targets'])) {
    if (!target.type)
      throw new LayerError(`plan must define "type" ("loki" or "opentelemetry") for log target ${quote(name)}`);
    if (!target.location) throw new LayerError(`plan must define "location" for log target ${quote(name)}`);
  }
  orderServices(plan.services, Object.keys(plan.services), 'start');
}

function validateService(name: string, service: Service): void {
  if (name === '') throw new LayerError('cannot use empty string as service name');
  if (name === 'pebble') throw new LayerError('cannot use reserved service name "pebble"');
  if (name.startsWith('-'))
    throw new LayerError(`cannot use service name ${quote(name)}: starting with "-" not allowed`);
  attempt(`plan service ${quote(name)} command invalid: cannot parse service ${quote(name)} command`, () =>
    parseCommand(service.command ?? ''),
  );
  validateAction(name, 'on-success', service['on-success'], 'failure-shutdown');
  validateAction(name, 'on-failure', service['on-failure'], 'success-shutdown');
  for (const action of Object.values(service['on-check-failure'] ?? {})) {
    validateAction(name, 'on-check-failure', action, 'success-shutdown');
  }
  const factor = service['backoff-factor'];
  if (factor !== undefined && factor < 1) {
    throw new LayerError(`plan service ${quote(name)} backoff-factor must be 1.0 or greater, not ${factor}`);
  }
}

function validateAction(name: string, field: string, action: string | undefined, extra: string): void {
  if (['', 'restart', 'shutdown', 'ignore', extra].includes(action ?? '')) return;
  throw new LayerError(`plan service ${quote(name)} ${field} action ${quote(action ?? '')} invalid`);
}

function validateCheck(name: string, check: Check): void {
  if (name === '') throw new LayerError('cannot use empty string as check name');
  if (!['', 'alive', 'ready'].includes(check.level ?? '')) {
    throw new LayerError(`plan check ${quote(name)} level must be "alive" or "ready"`);
  }
  if (!['', 'enabled', 'disabled'].includes(check.startup ?? '')) {
    throw new LayerError(`plan check ${quote(name)} startup must be "enabled" or "disabled"`);
  }
  for (const field of ['period', 'timeout'] as const) {
    const value = check[field];
    if (value !== undefined && parseDuration(value) === 0)
      throw new LayerError(`plan check ${quote(name)} ${field} must not be zero`);
  }
  const { exec } = check;
  if (exec === undefined) return;
  attempt(`plan check ${quote(name)} command invalid`, () => splitWords(exec.command ?? ''));
  attempt(`plan check ${quote(name)} has invalid user/group`, () => resolveOwner(exec));
}

function validateTarget(name: string, type: string): void {
  if (['', 'loki', 'opentelemetry'].includes(type)) return;
  throw new LayerError(
    `log target ${quote(name)} has unsupported type ${quote(type)}, must be "loki" or "opentelemetry"`,
  );
}

function validatePlanCheck(plan: Plan, name: string, check: Check): void {
  if (check.http !== undefined && !check.http.url)
    throw new LayerError(`plan must set "url" for http check ${quote(name)}`);
  if (check.tcp !== undefined && !check.tcp.port)
    throw new LayerError(`plan must set "port" for tcp check ${quote(name)}`);
  if (check.exec !== undefined && !check.exec.command)
    throw new LayerError(`plan must set "command" for exec check ${quote(name)}`);
  const context = check.exec?.['service-context'];
  if (context && plan.services[context] === undefined) {
    throw new LayerError(`plan check ${quote(name)} service context specifies non-existent service ${quote(context)}`);
  }
  if ([check.http, check.tcp, check.exec].filter((kind) => kind !== undefined).length !== 1) {
    throw new LayerError(`plan must specify one of "http", "tcp", or "exec" for check ${quote(name)}`);
  }
}

function attempt(prefix: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    throw new LayerError(`${prefix}: ${(error as Error).message}`);
  }
}
