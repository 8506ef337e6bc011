/** @module The client of one container's Pebble: one method per request of its API. */
import type { Change, CheckInfo, FileInfo, LogEntry, Notice, ServiceInfo, SystemInfo } from './answers.ts';
import { ChangeFailed, ChangeTimeout, PebbleError } from './errors.ts';
import type { ExecOptions, Execution } from './exec.ts';
import * as files from './files.ts';
import type { Check, Layer, LogTarget, Plan, Service } from './layer.ts';
import { parsePlanYaml } from './plan-yaml.ts';
import { ask, type Envelope, open, query, send } from './wire.ts';

/** How long an operation on services may take before ChangeTimeout, in milliseconds, unless told. */
export const changeTimeoutMs = 30_000;

/** Long polls are cut into slices, so that a Pebble that goes away is noticed and a proxy does not cut us off. */
const sliceMs = 4_000;

/**
 * Pebble behind a unix socket (`/charm/containers/<name>/pebble.socket`).
 *
 * Every method throws PebbleUnreachable when nobody answers and PebbleError when Pebble refuses; operations on services wait for their change and throw
 * ChangeFailed, with the task log in the message. Source: Pebble's API (docs/reference/api), checked against v1.26.0.
 */
export class Pebble {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** Who answers; also the cheapest way to see whether anybody does. */
  async systemInfo(): Promise<SystemInfo> {
    const answer = (await this.#get('/v1/system-info')) as Record<string, string>;
    const address = answer['http-address'];
    return {
      bootId: answer['boot-id'] ?? '',
      version: answer.version ?? '',
      ...(address ? { httpAddress: address } : {}),
    };
  }

  /** All layers combined, with numbers and booleans as such; throws Error when the text is not Pebble's YAML. */
  async plan(): Promise<Plan> {
    const plan = parsePlanYaml((await this.#get('/v1/plan?format=yaml')) as string) as Record<string, unknown>;
    return {
      services: (plan.services ?? {}) as Record<string, Service>,
      checks: (plan.checks ?? {}) as Record<string, Check>,
      'log-targets': (plan['log-targets'] ?? {}) as Record<string, LogTarget>,
    };
  }

  /** Adds a layer at the end; with `combine` (the default) it is joined into the layer of the same label. Starts new checks at once, services never. */
  async addLayer(label: string, layer: Layer, options: { combine?: boolean } = {}): Promise<void> {
    const combine = options.combine ?? true;
    await this.#post('/v1/layers', { action: 'add', combine, label, format: 'yaml', layer: layerText(layer) });
  }

  /** The services of the plan, all or the named ones; unknown names are left out. */
  async services(names: readonly string[] = []): Promise<ServiceInfo[]> {
    return (await this.#get(`/v1/services${query({ names })}`)) as ServiceInfo[];
  }

  /** Starts services and those they require; a service counts as started when it has been up for one second. */
  start(names: readonly string[], timeoutMs?: number): Promise<Change> {
    return this.#operate('start', names, timeoutMs);
  }

  /** Stops services and those that require them: SIGTERM, then SIGKILL after the kill delay. */
  stop(names: readonly string[], timeoutMs?: number): Promise<Change> {
    return this.#operate('stop', names, timeoutMs);
  }

  /** Stops what runs of the services, then starts them all. */
  restart(names: readonly string[], timeoutMs?: number): Promise<Change> {
    return this.#operate('restart', names, timeoutMs);
  }

  /** Restarts running services whose plan has changed, starts those of `startup: enabled`, starts stopped checks. */
  replan(timeoutMs?: number): Promise<Change> {
    return this.#operate('replan', [], timeoutMs);
  }

  /** Starts all services of `startup: enabled`; PebbleError of kind `no-default-services` when there are none. */
  autostart(timeoutMs?: number): Promise<Change> {
    return this.#operate('autostart', [], timeoutMs);
  }

  /** One change as it is now. */
  async change(id: string): Promise<Change> {
    return (await this.#get(`/v1/changes/${encodeURIComponent(id)}`)) as Change;
  }

  /** All changes, or those that are `in-progress` or `ready`, or those for one service. */
  async changes(options: { select?: 'all' | 'in-progress' | 'ready'; service?: string } = {}): Promise<Change[]> {
    return (await this.#get(
      `/v1/changes${query({ select: options.select ?? 'all', for: options.service })}`,
    )) as Change[];
  }

  /** Waits until a change is done; throws ChangeFailed when it failed and ChangeTimeout when it takes too long. */
  async waitChange(id: string, timeoutMs = changeTimeoutMs): Promise<Change> {
    const end = performance.now() + timeoutMs;
    for (let left = timeoutMs; left > 0; left = end - performance.now()) {
      const change = await this.#waitSlice(id, Math.min(left, sliceMs));
      if (change === undefined) continue;
      if (change.err !== undefined || change.status !== 'Done') throw new ChangeFailed(change);
      return change;
    }
    throw new ChangeTimeout(id, timeoutMs);
  }

  /** The checks of the plan, all, of a level, or the named ones. */
  async checks(options: { level?: 'alive' | 'ready'; names?: readonly string[] } = {}): Promise<CheckInfo[]> {
    return (await this.#get(`/v1/checks${query(options)}`)) as CheckInfo[];
  }

  /** Starts checks; answers those that did not run before. */
  startChecks(names: readonly string[]): Promise<string[]> {
    return this.#switchChecks('start', names);
  }

  /** Stops checks (they become `inactive` and count as healthy); answers those that ran before. */
  stopChecks(names: readonly string[]): Promise<string[]> {
    return this.#switchChecks('stop', names);
  }

  /**
   * Looks at a check at once and counts the result as any other look, so it can bring the check down or up.
   * @returns the check afterwards, with the reason when this look failed
   */
  async refreshCheck(name: string): Promise<{ readonly info: CheckInfo; readonly error?: string }> {
    return (await this.#post('/v1/checks/refresh', { name })).result as { info: CheckInfo; error?: string };
  }

  /** Whether no check of the level is down; `ready` includes `alive`, checks without a level count only when no level is asked for. */
  async health(level?: 'alive' | 'ready'): Promise<boolean> {
    // Unhealthy is HTTP 502 but of type sync, so the envelope opens either way.
    return ((await this.#get(`/v1/health${query({ level })}`)) as { healthy: boolean }).healthy;
  }

  /** Writes a file at once (temporary file and rename); throws PathError. Mode 644 unless told. */
  pushFile(path: string, content: string | Buffer, options: files.PushOptions = {}): Promise<void> {
    return files.push(this.socketPath, path, content, options);
  }

  /** Reads a text file; undefined when there is none, PathError for everything else. */
  async pullFile(path: string): Promise<string | undefined> {
    return (await files.pull(this.socketPath, path))?.toString('utf8');
  }

  /** Reads a file as bytes; undefined when there is none. */
  pullBytes(path: string): Promise<Buffer | undefined> {
    return files.pull(this.socketPath, path);
  }

  /** Lists a directory, or the entry itself; PebbleError of kind `not-found` when there is none. */
  listFiles(path: string, options: { pattern?: string; itself?: boolean } = {}): Promise<FileInfo[]> {
    return files.list(this.socketPath, path, options);
  }

  /** Makes directories with their parents; throws PathError. */
  makeDirs(paths: readonly string[], options: files.MakeDirOptions = {}): Promise<void> {
    return files.makeDirs(this.socketPath, paths, options);
  }

  /** Removes files, or whole directories with `recursive`; throws PathError. */
  removeFiles(paths: readonly string[], options: { recursive?: boolean } = {}): Promise<void> {
    return files.remove(this.socketPath, paths, options);
  }

  /** Notices in the order they were last repeated; with `timeoutMs` waits until there is one. `after` is RFC 3339. */
  async notices(options: NoticeFilter = {}): Promise<Notice[]> {
    const { types, keys, after, users, timeoutMs } = options;
    const timeout = timeoutMs === undefined ? undefined : `${timeoutMs}ms`;
    const path = `/v1/notices${query({ types, keys, after, users, timeout })}`;
    return (await ask(this.socketPath, { method: 'GET', path, idleMs: (timeoutMs ?? 0) + sliceMs })).result as Notice[];
  }

  /** Records a custom notice, which wakes the charm; the key is `domain/path`, answers the notice's id. */
  async notify(
    key: string,
    data: Readonly<Record<string, string>> = {},
    options: { repeatAfter?: string } = {},
  ): Promise<string> {
    const repeat = options.repeatAfter === undefined ? {} : { 'repeat-after': options.repeatAfter };
    const answer = await this.#post('/v1/notices', { action: 'add', type: 'custom', key, data, ...repeat });
    return (answer.result as { id: string }).id;
  }

  /** Sends a signal (`SIGHUP`) to running services; PebbleError 500 when one does not run. */
  async signal(signal: string, services: readonly string[]): Promise<void> {
    await this.#post('/v1/signals', { signal, services });
  }

  /** The last `n` lines (30 unless told, -1 for all) of the output of services, all or the named ones. */
  async logs(services: readonly string[] = [], n?: number): Promise<LogEntry[]> {
    const request = { method: 'GET', path: `/v1/logs${query({ services, n })}` } as const;
    const answer = await send(this.socketPath, request);
    if (answer.status !== 200) open(request, answer);
    const lines = answer.body.toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogEntry);
  }

  /** Runs a command in the container and waits for its end; an exit code other than 0 is no error. */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<Execution> {
    return (await import('./exec.ts')).execute(this, command, options);
  }

  async #operate(action: string, services: readonly string[], timeoutMs?: number): Promise<Change> {
    const answer = await this.#post('/v1/services', { action, services });
    return this.waitChange(answer.change ?? '', timeoutMs);
  }

  async #waitSlice(id: string, ms: number): Promise<Change | undefined> {
    const path = `/v1/changes/${encodeURIComponent(id)}/wait?timeout=${Math.max(1, Math.round(ms))}ms`;
    try {
      return (await this.#get(path)) as Change;
    } catch (error) {
      if (error instanceof PebbleError && error.status === 504) return undefined;
      throw error;
    }
  }

  async #switchChecks(action: string, checks: readonly string[]): Promise<string[]> {
    return ((await this.#post('/v1/checks', { action, checks })).result as { changed: string[] | null }).changed ?? [];
  }

  async #get(path: string): Promise<unknown> {
    return (await ask(this.socketPath, { method: 'GET', path })).result;
  }

  #post(path: string, json: unknown): Promise<Envelope> {
    return ask(this.socketPath, { method: 'POST', path, json });
  }
}

/** JSON text is YAML, so no YAML writer is needed; only the characters that YAML refuses or takes for line breaks are written as escapes. */
function layerText(layer: Layer): string {
  return JSON.stringify(layer).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Which notices; those of all users only for admins. */
export interface NoticeFilter {
  readonly types?: readonly Notice['type'][];
  readonly keys?: readonly string[];
  readonly after?: string;
  readonly users?: 'all';
  readonly timeoutMs?: number;
}
