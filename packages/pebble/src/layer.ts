/** @module The shapes of Pebble's layers and plans, with Pebble's own field names. */

/** How an entry of a layer joins the entry of the same name in the layers below. */
export type Override = 'merge' | 'replace';

/** What Pebble does when a service ends or a check of it fails. */
export type ServiceAction = 'restart' | 'shutdown' | 'success-shutdown' | 'failure-shutdown' | 'ignore';

/** Who runs a command: names or numbers; a group needs a user and the other way round only for services without a default. */
export interface RunAs {
  readonly user?: string;
  readonly 'user-id'?: number;
  readonly group?: string;
  readonly 'group-id'?: number;
}

/**
 * One service of a layer; durations are Go durations (`500ms`, `1m30s`).
 *
 * Source: Pebble's layer specification (docs/reference/layer-specification).
 */
export interface Service extends RunAs {
  readonly override?: Override;
  readonly command?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly startup?: 'enabled' | 'disabled';
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  readonly requires?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly 'working-dir'?: string;
  readonly 'on-success'?: ServiceAction;
  readonly 'on-failure'?: ServiceAction;
  readonly 'on-check-failure'?: Readonly<Record<string, ServiceAction>>;
  readonly 'backoff-delay'?: string;
  readonly 'backoff-factor'?: number;
  readonly 'backoff-limit'?: string;
  readonly 'kill-delay'?: string;
}

/** One check of a layer: exactly one of `http`, `tcp` and `exec`. */
export interface Check {
  readonly override?: Override;
  readonly level?: 'alive' | 'ready';
  readonly startup?: 'enabled' | 'disabled';
  readonly period?: string;
  readonly timeout?: string;
  readonly threshold?: number;
  readonly http?: { readonly url?: string; readonly headers?: Readonly<Record<string, string>> };
  readonly tcp?: { readonly port?: number; readonly host?: string };
  readonly exec?: RunAs & {
    readonly command?: string;
    readonly 'service-context'?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly 'working-dir'?: string;
  };
}

/** Where Pebble sends the output of services. */
export interface LogTarget {
  readonly override?: Override;
  readonly type?: 'loki' | 'opentelemetry' | 'syslog';
  readonly location?: string;
  readonly services?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A layer as it is sent to Pebble; every entry must name its `override`. */
export interface Layer {
  readonly summary?: string;
  readonly description?: string;
  readonly services?: Readonly<Record<string, Service>>;
  readonly checks?: Readonly<Record<string, Check>>;
  readonly 'log-targets'?: Readonly<Record<string, LogTarget>>;
}

/** All layers combined, as Pebble answers them; missing sections are empty. */
export interface Plan {
  readonly services: Readonly<Record<string, Service>>;
  readonly checks: Readonly<Record<string, Check>>;
  readonly 'log-targets': Readonly<Record<string, LogTarget>>;
}
