/** @module Makes the next requests fail: with a status, by hanging, or by cutting the connection. */
import type { Status } from '@vpn-k8s/kube';

/** A request as the log and the faults see it. */
export interface RequestRecord {
  readonly verb: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** `statefulsets`, or '' for paths that are no resource. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user: string;
  readonly userAgent: string;
  readonly contentType: string;
  readonly body?: unknown;
  /** The code that was answered; undefined while it is not. */
  code?: number;
}

/**
 * What happens instead of an answer. `reset-after` does the work and then cuts the connection, so that the client cannot know; `half` cuts in the
 * middle of the body.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: Partial<Status> & { code: number }; readonly retryAfter?: number }
  | { readonly kind: 'hang' | 'reset' | 'reset-after' | 'half' }
  | { readonly kind: 'delay'; readonly ms: number };

/** Which requests a fault hits: every part that is given must match; `path` as a regular expression. */
export interface FaultFilter {
  readonly verb?: string;
  readonly resource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly path?: RegExp;
}

interface Planned {
  readonly filter: FaultFilter;
  readonly fault: Fault;
  left: number;
}

/** The planned faults, first come first served. */
export class Faults {
  readonly #planned: Planned[] = [];

  /** Plans a fault for the next `times` requests that match (1 by default, Infinity for all until `clear`). */
  next(filter: FaultFilter, fault: Fault, times = 1): void {
    this.#planned.push({ filter, fault, left: times });
  }

  /** Forgets all that is planned. */
  clear(): void {
    this.#planned.length = 0;
  }

  /** The fault for a request, counted down. */
  take(request: RequestRecord): Fault | undefined {
    const planned = this.#planned.find(({ filter }) => matches(filter, request));
    if (!planned) return undefined;
    planned.left--;
    if (planned.left <= 0) this.#planned.splice(this.#planned.indexOf(planned), 1);
    return planned.fault;
  }
}

function matches(filter: FaultFilter, request: RequestRecord): boolean {
  const keys = ['verb', 'resource', 'name', 'namespace'] as const;
  if (keys.some((key) => filter[key] !== undefined && filter[key] !== request[key])) return false;
  return filter.path === undefined || filter.path.test(request.path);
}
