/** @module What can go wrong between a charm and Pebble, one class per cause. */
import type { Change } from './answers.ts';

/** Nobody answers on the socket: it is missing, refused, or the answer broke off; `code` is Node's (`ENOENT`, `ECONNREFUSED`). */
export class PebbleUnreachable extends Error {
  override readonly name = 'PebbleUnreachable';
  readonly socketPath: string;
  readonly code: string;

  constructor(socketPath: string, cause: NodeJS.ErrnoException) {
    super(`Pebble does not answer on ${socketPath}: ${cause.code ?? cause.message}`, { cause });
    this.socketPath = socketPath;
    this.code = cause.code ?? '';
  }
}

/** Pebble refused a request; the message is Pebble's own, `kind` is its error kind or '' (`not-found`, `login-required`). */
export class PebbleError extends Error {
  override readonly name = 'PebbleError';
  /** The request that was refused, as `POST /v1/layers`. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly kind: string;

  constructor(code: string, status: number, message: string, kind: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.kind = kind;
  }
}

/** A change ended without success; the message is Pebble's summary followed by the log of every task, so that the reason is in it. */
export class ChangeFailed extends Error {
  override readonly name = 'ChangeFailed';
  readonly change: Change;

  constructor(change: Change) {
    super(changeMessage(change));
    this.change = change;
  }
}

/** A change was still running when the time was over; it goes on in Pebble. */
export class ChangeTimeout extends Error {
  override readonly name = 'ChangeTimeout';
  readonly changeId: string;

  constructor(changeId: string, timeoutMs: number) {
    super(`Change ${changeId} is still running after ${timeoutMs} ms`);
    this.changeId = changeId;
  }
}

/** One file operation failed; `kind` is `not-found`, `permission-denied` or `generic-file-error`. */
export class PathError extends Error {
  override readonly name = 'PathError';
  readonly path: string;
  readonly kind: string;

  constructor(path: string, message: string, kind: string) {
    super(message);
    this.path = path;
    this.kind = kind;
  }
}

function changeMessage(change: Change): string {
  const logs = (change.tasks ?? []).flatMap((task) =>
    (task.log ?? []).map((line) => `${task.summary}: ${line.replaceAll('\n', '\n  ')}`),
  );
  return [change.err ?? `${change.summary} ended as ${change.status}`, ...logs].join('\n');
}
