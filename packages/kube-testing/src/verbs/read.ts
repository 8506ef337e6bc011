/** @module GET of one object, and lists: selectors, pages. */
import { apiVersion } from '@vpn-k8s/kube';
import { badRequest, expired, notFound } from '../errors.ts';
import { fieldSelector, labelSelector, type Selector } from '../store/selectors.ts';
import type { Stored } from '../store/store.ts';
import type { Call, Machinery } from './call.ts';

/** One object. Throws 404. */
export function get({ store }: Machinery, call: Call): Stored {
  const object = store.get(call.kind.resource, call.namespace, call.name ?? '');
  if (!object) throw notFound(call.kind.resource, call.name ?? '');
  return object;
}

/** What a list or watch selects. */
export function selectorOf(call: Call): Selector {
  const labels = labelSelector(call.query.labelSelector ?? '');
  const fields = fieldSelector(call.query.fieldSelector ?? '', call.kind.resource.plural);
  const named: Selector = (object) => call.name === undefined || object.metadata?.name === call.name;
  return (object) => labels(object) && fields(object) && named(object);
}

/** Lists that are being paged through, as they were when their first page was read. */
export class Pages {
  readonly #rests = new Map<string, { rest: Stored[]; version: string }>();
  #next = 0;

  /** One page: a KubeList whose `continue` token leads to the next. */
  list({ store }: Machinery, call: Call): object {
    const { all, version } = this.#source(store.list(call.kind.resource, call.namespace), String(store.version), call);
    const limit = Number(call.query.limit ?? 0);
    if (!Number.isInteger(limit) || limit < 0)
      throw badRequest(`limit: Invalid value: "${String(call.query.limit).slice(0, 60)}"`);
    const items = limit > 0 ? all.slice(0, limit) : all;
    const rest = all.slice(items.length);
    const { resource, schema } = call.kind;
    return {
      kind: `${resource.kind}List`,
      apiVersion: apiVersion(resource),
      metadata: {
        resourceVersion: version,
        ...(rest.length > 0 && { continue: this.#keep(rest, version), remainingItemCount: rest.length }),
      },
      items: schema ? items.map(withoutType) : items,
    };
  }

  /** Makes every outstanding token answer 410, as compaction does. */
  expire(): void {
    this.#rests.clear();
  }

  #source(all: Stored[], version: string, call: Call): { all: Stored[]; version: string } {
    const token = call.query.continue;
    if (!token) return { all: all.filter(selectorOf(call)), version };
    const page = this.#rests.get(token);
    if (!page)
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      );
    return { all: page.rest, version: page.version };
  }

  #keep(rest: Stored[], version: string): string {
    const token = Buffer.from(
      JSON.stringify({ v: 'meta.k8s.io/v1', rv: Number(version), start: `${++this.#next}` }),
    ).toString('base64url');
    this.#rests.set(token, { rest, version });
    return token;
  }
}

/** Items of typed lists come without apiVersion and kind, as Go leaves them out. */
function withoutType({ apiVersion: _version, kind: _kind, ...item }: Stored): object {
  return item;
}
