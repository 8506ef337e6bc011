/** @module What a hook did on its way: exit code, log, history of statuses, results of an action, calls. */

/** A status as people see it. */
export interface UnitStatus {
  readonly status: string;
  readonly message: string;
}

/** One entry of the unit's log, from juju-log or from the hook's output (stdout DEBUG, stderr WARNING). */
export interface LogEntry {
  readonly level: string;
  readonly message: string;
}

/** One hook tool that was run. */
export interface ToolRecord {
  readonly tool: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly code: number;
  readonly stderr: string;
}

/** One request of the charm to the API server; `code` is 0 when it was never answered. */
export interface KubernetesRequest {
  /** get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  readonly path: string;
  readonly code: number;
  readonly body?: unknown;
}

/** One operation on a container's services; Pebble remembers those too that failed or were undone later. */
export interface PebbleChange {
  readonly container: string;
  /** start, stop, restart, replan, autostart. */
  readonly kind: string;
  readonly summary: string;
  /** Done, Error, Doing ... */
  readonly status: string;
}

/** What an action answered; `failure` is the sentence of action-fail or of a failing hook. */
export interface ActionAnswer {
  readonly results: Readonly<Record<string, string>>;
  readonly log: readonly string[];
  readonly failure?: string;
}

/** What happened while the hook ran. Kept whether or not its writes were. */
export interface Results {
  /** Exit code of dispatch; null when a signal ended it. */
  readonly exit: number | null;
  /** Whether the buffered writes were taken: exit 0 and nothing wrong with them. */
  readonly flushed: boolean;
  /** Why the flush was refused, in Juju's words. */
  readonly flushProblem?: string;
  readonly log: readonly LogEntry[];
  /** Every status-set of the unit, oldest first. */
  readonly unitStatuses: readonly UnitStatus[];
  readonly appStatuses: readonly UnitStatus[];
  readonly action?: ActionAnswer;
  readonly calls: readonly ToolRecord[];
  readonly requests: readonly KubernetesRequest[];
  /** What Pebble was asked to do with services during the hook. */
  readonly changes: readonly PebbleChange[];
}
