/** @module Services, signals, plan and layers over the API. */
import type { Daemon } from '../daemon.ts';
import { LayerError, quote } from '../plan/read.ts';
import { writePlan } from '../plan/write.ts';
import type { Operation } from '../services/supervisor.ts';
import { type Answer, async, type Incoming, jsonBody, names, Refusal, sync, texts } from './answer.ts';

/** GET /v1/services. */
export function getServices(daemon: Daemon, request: Incoming): Answer {
  return sync(daemon.services.list(names(request, 'names')));
}

/** POST /v1/services: start, stop, restart, replan, autostart. */
export function postServices(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request);
  const action = String(body.action ?? '');
  const asked = namesFor(daemon, action, texts(body.services));
  const operation = planned(daemon, action, asked);
  if (action === 'replan') daemon.checks.replan();
  return async(daemon.operate(action, asked, operation).id);
}

/** POST /v1/signals. */
export function postSignals(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request, 'request body');
  const services = texts(body.services);
  if (services.length === 0) throw new Refusal(400, 'must specify one or more services');
  try {
    daemon.services.signal(String(body.signal ?? ''), services);
  } catch (error) {
    throw new Refusal(500, (error as Error).message);
  }
  return sync(true);
}

/** GET /v1/plan. */
export function getPlan(daemon: Daemon, request: Incoming): Answer {
  const format = request.query.get('format') ?? '';
  if (format !== 'yaml') throw new Refusal(400, `invalid format ${quote(format)}`);
  return sync(writePlan(daemon.layers.plan));
}

/** POST /v1/layers. */
export function postLayers(daemon: Daemon, request: Incoming): Answer {
  const body = jsonBody(request, 'request body');
  const [action, label, format] = ['action', 'label', 'format'].map((key) => String(body[key] ?? ''));
  if (action !== 'add') throw new Refusal(400, `invalid action ${quote(action!)}`);
  if (label === '') throw new Refusal(400, 'label must be set');
  if (format !== 'yaml') throw new Refusal(400, `invalid format ${quote(format!)}`);
  if (body.inner === true)
    throw new Refusal(501, 'This Pebble is a stand-in and does not do layers with "inner": true');
  try {
    daemon.addLayer(label!, String(body.layer ?? ''), body.combine === true);
  } catch (error) {
    throw layerRefusal(error);
  }
  return sync(true);
}

/** Pebble says "cannot parse layer YAML" only about what is wrong with the layer by itself, not about how it fits to others. */
function layerRefusal(error: unknown): unknown {
  if (!(error instanceof LayerError)) return error;
  const fits = /^(layer |plan must |services in |log target .* unknown|plan check .* service context)/.test(
    error.message,
  );
  return new Refusal(400, fits ? error.message : `cannot parse layer YAML: ${error.message}`);
}

function namesFor(daemon: Daemon, action: string, asked: readonly string[]): readonly string[] {
  if (action === 'replan' || action === 'autostart') {
    if (asked.length > 0) throw new Refusal(400, `${action} accepts no service names`);
    const defaults = action === 'autostart' ? daemon.services.defaults() : [];
    if (action === 'autostart' && defaults.length === 0)
      throw new Refusal(400, 'no default services', 'no-default-services');
    return defaults;
  }
  if (asked.length === 0) throw new Refusal(400, `must specify services for ${action} action`);
  return asked;
}

function planned(daemon: Daemon, action: string, asked: readonly string[]): Operation {
  try {
    if (action === 'start' || action === 'autostart') return daemon.services.start(asked);
    if (action === 'stop') return daemon.services.stop(asked);
    if (action === 'restart') return daemon.services.restart(asked);
    if (action === 'replan') return daemon.services.replan();
  } catch (error) {
    if (error instanceof LayerError) throw new Refusal(400, `cannot ${action} services: ${error.message}`);
    throw error;
  }
  throw new Refusal(400, `invalid action ${quote(action)}`);
}
