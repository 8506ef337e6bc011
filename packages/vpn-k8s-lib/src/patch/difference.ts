/** @module The strategic merge patch that takes a live object to what is wanted, and nothing more. */

type Fields = Readonly<Record<string, unknown>>;

/** Lists that the API server merges by a key (Kubernetes, `patchMergeKey` in k8s.io/api/core/v1/types.go). */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  initContainers: 'name',
  containers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What of `wanted` the live object has not, as a strategic merge patch; undefined when it has all of it. Fields that only the
 * live object has (the server's defaults, other parties' items) are not touched: to take one out, `wanted` says null, or
 * `$patch: delete` in a keyed list.
 *
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 * @example difference({ a: 1, b: 2 }, { a: 1, b: 3, c: null }) // { b: 3 }
 */
export function difference(live: unknown, wanted: unknown, list?: string): unknown {
  if (wanted === null) return live === undefined || live === null ? undefined : null;
  if (Array.isArray(wanted)) return listDifference(live, wanted, list);
  if (!isFields(wanted)) return live === wanted ? undefined : wanted;
  const from = isFields(live) ? live : {};
  const changes = Object.entries(wanted)
    .map(([key, value]) => [key, difference(from[key], value, key)] as const)
    .filter(([, change]) => change !== undefined);
  if (changes.length > 0) return Object.fromEntries(changes);
  return isFields(live) || Object.values(wanted).includes(null) ? undefined : {};
}

function listDifference(live: unknown, wanted: readonly unknown[], list: string | undefined): unknown {
  const key = list === undefined ? undefined : MERGE_KEYS[list];
  const from = Array.isArray(live) ? (live as readonly unknown[]) : [];
  if (key === undefined) return same(live, wanted) ? undefined : wanted;
  const changes = (wanted as readonly Fields[]).flatMap((item) => {
    const found = (from as readonly Fields[]).find((other) => other[key] === item[key]);
    if (item.$patch === 'delete') return found ? [item] : [];
    const change = found ? difference(found, item) : item;
    return change === undefined ? [] : [{ [key]: item[key], ...(change as Fields) }];
  });
  return changes.length > 0 ? changes : undefined;
}

/** True when two JSON values are equal, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
