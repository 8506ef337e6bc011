/** @module Streams of events: from now, from a version, or from the beginning; with bookmarks, and 410 for versions long gone. */
import type { ServerResponse } from 'node:http';
import { apiVersion, type KubeObject } from '@vpn-k8s/kube';
import { badRequest, expired, failure } from '../errors.ts';
import type { Selector } from '../store/selectors.ts';
import type { Store, StoreEvent } from '../store/store.ts';
import type { Call } from '../verbs/call.ts';
import { selectorOf } from '../verbs/read.ts';

/** Milliseconds between bookmarks; the real server's is about a minute. */
const bookmarkEvery = 60_000;

/** Answers a watch; the response ends with the client, with `timeoutSeconds`, or with the server. */
export function watch(store: Store, call: Call, response: ServerResponse): void {
  if (call.query.sendInitialEvents) {
    const sentence = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
    throw failure(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: ${sentence}`);
  }
  const selects = selectorOf(call);
  const start = startOf(call);
  const missed = start === undefined ? undefined : store.since(start);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const send = (type: string, object: object) => response.write(`${JSON.stringify({ type, object })}\n`);
  if (start !== undefined && missed === undefined) {
    send('ERROR', expired(`too old resource version: ${start} (${store.version})`).status);
    response.end();
    return;
  }
  const tell = (event: StoreEvent) => forward(call, selects, event, send);
  if (missed === undefined)
    for (const object of store.list(call.kind.resource, call.namespace).filter(selects)) send('ADDED', object);
  for (const event of missed ?? []) if (concerns(call, event)) tell(event);
  keepOpen(store, call, response, tell, send);
}

function startOf(call: Call): number | undefined {
  const version = call.query.resourceVersion ?? '';
  if (version === '' || version === '0') return undefined;
  if (!/^\d+$/.test(version))
    throw badRequest(
      `resourceVersion: Invalid value: "${version.slice(0, 60)}": strconv.ParseUint: parsing "${version.slice(0, 60)}": invalid syntax`,
    );
  return Number(version);
}

function concerns({ kind, namespace }: Call, { resource, object }: StoreEvent): boolean {
  const same = resource.group === kind.resource.group && resource.plural === kind.resource.plural;
  return same && (namespace === undefined || object.metadata.namespace === namespace);
}

/** An object that moves into the selection is ADDED, one that moves out is DELETED. */
function forward(call: Call, selects: Selector, event: StoreEvent, send: (type: string, object: object) => void): void {
  if (call.namespace !== undefined && event.object.metadata.namespace !== call.namespace) return;
  const before = event.previous !== undefined && selects(event.previous);
  const after = event.type !== 'DELETED' && selects(event.object);
  if (before && after) send('MODIFIED', event.object);
  else if (after) send('ADDED', event.object);
  else if (before) send('DELETED', event.object);
}

function keepOpen(
  store: Store,
  call: Call,
  response: ServerResponse,
  tell: (event: StoreEvent) => void,
  send: (type: string, object: object) => void,
): void {
  const bookmark = () => send('BOOKMARK', bookmarkOf(call, store.version));
  const wanted = call.query.allowWatchBookmarks === 'true' || call.query.allowWatchBookmarks === '1';
  const beat = wanted ? setInterval(bookmark, bookmarkEvery) : undefined;
  const seconds = Number(call.query.timeoutSeconds || 1800);
  const end = setTimeout(() => {
    if (wanted) bookmark();
    response.end();
  }, seconds * 1000);
  const leave = store.subscribe(call.kind.resource, tell);
  response.on('close', () => {
    leave();
    clearInterval(beat);
    clearTimeout(end);
  });
}

function bookmarkOf(call: Call, version: number): KubeObject {
  const { resource } = call.kind;
  return { apiVersion: apiVersion(resource), kind: resource.kind, metadata: { resourceVersion: String(version) } };
}
