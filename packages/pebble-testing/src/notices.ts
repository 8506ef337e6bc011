/** @module Notices: what happened, aggregated by user, type and key, to be polled for. */
import { now, rfc3339 } from './clock.ts';
import { formatDuration } from './duration.ts';

/** The kinds of notices that Pebble knows. */
export type NoticeType = 'custom' | 'change-update' | 'warning';

interface StoredNotice {
  readonly id: string;
  readonly userId: number | null;
  readonly type: NoticeType;
  readonly key: string;
  readonly first: bigint;
  last: bigint;
  repeated: bigint;
  occurrences: number;
  data: Readonly<Record<string, string>>;
  repeatAfterMs: number;
}

/** Which notices; empty lists mean all, `userId` undefined means those of all users. */
export interface NoticeFilter {
  readonly userId?: number | undefined;
  readonly types: readonly string[];
  readonly keys: readonly string[];
  readonly after: bigint;
}

const expireAfter = '168h0m0s';

/** The notices of one Pebble. */
export class Notices {
  readonly #notices: StoredNotice[] = [];
  readonly #waiters = new Set<() => void>();

  /** Counts an occurrence; with `repeatAfterMs` those who wait hear of it only when the last time is that long ago. Answers the id. */
  add(
    userId: number | null,
    type: NoticeType,
    key: string,
    data: Readonly<Record<string, string>>,
    repeatAfterMs = 0,
  ): string {
    const time = now();
    const known = this.#notices.find((other) => other.userId === userId && other.type === type && other.key === key);
    const notice = known ?? this.#create(userId, type, key, time);
    const repeats =
      known === undefined || repeatAfterMs === 0 || time > known.repeated + BigInt(Math.round(repeatAfterMs * 1e6));
    notice.occurrences++;
    Object.assign(notice, { last: time, data, repeatAfterMs }, repeats ? { repeated: time } : {});
    if (repeats) for (const wake of [...this.#waiters]) wake();
    return notice.id;
  }

  /** Matching notices in the order they were last repeated. */
  list(filter: NoticeFilter): object[] {
    return this.#notices
      .filter((notice) => matches(filter, notice))
      .sort((left, right) => (left.repeated < right.repeated ? -1 : 1))
      .map(toJson);
  }

  /** Waits until there is a matching notice; an empty list when the time is over or the asker has gone. */
  async wait(filter: NoticeFilter, timeoutMs: number, gone: AbortSignal): Promise<object[]> {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)))]);
    for (;;) {
      const found = this.list(filter);
      if (found.length > 0 || signal.aborted) return found;
      await this.#next(signal);
    }
  }

  /** One notice; undefined when there is none of that id. */
  find(id: string): object | undefined {
    const notice = this.#notices.find((other) => other.id === id);
    return notice === undefined ? undefined : toJson(notice);
  }

  #create(userId: number | null, type: NoticeType, key: string, time: bigint): StoredNotice {
    const id = String(this.#notices.length + 1);
    const notice = {
      id,
      userId,
      type,
      key,
      first: time,
      last: time,
      repeated: time,
      occurrences: 0,
      data: {},
      repeatAfterMs: 0,
    };
    this.#notices.push(notice);
    return notice;
  }

  #next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => this.#waiters.delete(resolve));
  }
}

function matches(filter: NoticeFilter, notice: StoredNotice): boolean {
  const visible = filter.userId === undefined || notice.userId === null || notice.userId === filter.userId;
  const typed = filter.types.length === 0 || filter.types.includes(notice.type);
  const keyed = filter.keys.length === 0 || filter.keys.includes(notice.key);
  return visible && typed && keyed && notice.repeated > filter.after;
}

function toJson(notice: StoredNotice): object {
  return {
    id: notice.id,
    'user-id': notice.userId,
    type: notice.type,
    key: notice.key,
    'first-occurred': rfc3339(notice.first),
    'last-occurred': rfc3339(notice.last),
    'last-repeated': rfc3339(notice.repeated),
    occurrences: notice.occurrences,
    ...(Object.keys(notice.data).length === 0 ? {} : { 'last-data': notice.data }),
    ...(notice.repeatAfterMs === 0 ? {} : { 'repeat-after': formatDuration(notice.repeatAfterMs) }),
    'expire-after': expireAfter,
  };
}
