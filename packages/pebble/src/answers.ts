/** @module The shapes of Pebble's answers, with Pebble's own field names. */

/** `GET /v1/system-info`; the boot id changes when the machine or the container starts anew. */
export interface SystemInfo {
  readonly bootId: string;
  readonly version: string;
  readonly httpAddress?: string;
}

/** What a service does now; `backoff` waits to be started again, `error` ended and stays so. */
export type ServiceStatus = 'active' | 'inactive' | 'backoff' | 'error';

/** One entry of `GET /v1/services`. */
export interface ServiceInfo {
  readonly name: string;
  readonly startup: 'enabled' | 'disabled';
  readonly current: ServiceStatus;
  readonly 'current-since'?: string;
}

/** One entry of `GET /v1/checks`; `failures` is missing when there are none. */
export interface CheckInfo {
  readonly name: string;
  readonly level?: 'alive' | 'ready';
  readonly startup: 'enabled' | 'disabled';
  readonly status: 'up' | 'down' | 'inactive';
  readonly successes?: number;
  readonly failures?: number;
  readonly threshold: number;
  readonly 'change-id'?: string;
  readonly 'prev-change-id'?: string;
}

/** One step of a change; `data` of an exec task holds its `exit-code`. */
export interface Task {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly status: string;
  readonly log?: readonly string[];
  readonly progress: { readonly label: string; readonly done: number; readonly total: number };
  readonly 'spawn-time': string;
  readonly 'ready-time'?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What Pebble does or did about one request; `status` is `Doing`, `Done`, `Error`, `Hold` and so on. */
export interface Change {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly status: string;
  readonly tasks?: readonly Task[];
  readonly ready: boolean;
  readonly err?: string;
  readonly 'spawn-time': string;
  readonly 'ready-time'?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** One entry of a directory; `permissions` is octal text as `644`, `last-modified` RFC 3339. */
export interface FileInfo {
  readonly path: string;
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'socket' | 'named-pipe' | 'device' | 'unknown';
  readonly size?: number;
  readonly permissions: string;
  readonly 'last-modified': string;
  readonly 'user-id': number | null;
  readonly user: string;
  readonly 'group-id': number | null;
  readonly group: string;
}

/** An aggregated notice: the same type and key again only counts `occurrences` up. */
export interface Notice {
  readonly id: string;
  readonly 'user-id': number | null;
  readonly type: 'custom' | 'change-update' | 'warning';
  readonly key: string;
  readonly 'first-occurred': string;
  readonly 'last-occurred': string;
  readonly 'last-repeated': string;
  readonly occurrences: number;
  readonly 'last-data'?: Readonly<Record<string, string>>;
  readonly 'repeat-after'?: string;
  readonly 'expire-after'?: string;
}

/** One line of a service's output. */
export interface LogEntry {
  readonly time: string;
  readonly service: string;
  readonly message: string;
}
