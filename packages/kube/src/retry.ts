/** @module Pure: whether, and after how long, a request may be sent again. */
import { type ApiError, Unreachable } from './errors.ts';
import type { RequestTarget } from './request.ts';

const reads = ['get', 'list', 'watch'];
const attempts = 3;
const longestWait = 2000;
/** Errors of Node that come before a byte was sent. */
const notSent = ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Milliseconds to wait before the next try, or undefined to give up. A write is repeated only where the server cannot have done it:
 * 429 (refused unread) and a connection that was never made.
 */
export function retryDelay(request: RequestTarget, error: ApiError, attempt: number): number | undefined {
  if (attempt >= attempts || !mayRepeat(request, error)) return undefined;
  const asked = error.status.details?.retryAfterSeconds;
  const wait = asked === undefined ? 100 * 2 ** (attempt - 1) : asked * 1000;
  return wait > longestWait ? undefined : wait;
}

function mayRepeat(request: RequestTarget, error: ApiError): boolean {
  if (error.code === 429) return true;
  if (error instanceof Unreachable && neverSent(error.cause)) return true;
  if (!reads.includes(request.verb)) return false;
  const timedOut = error instanceof Unreachable && (error.cause as Error | undefined)?.name === 'TimeoutError';
  return !timedOut && (error.code === 0 || error.code >= 500);
}

/** Happy eyeballs wraps the errors of all addresses in one AggregateError. */
function neverSent(cause: unknown): boolean {
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  return causes.every((each) => notSent.includes((each as NodeJS.ErrnoException | undefined)?.code ?? ''));
}
