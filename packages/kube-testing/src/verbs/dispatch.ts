/** @module Sends a call to its verb. */
import { apply } from '../apply/apply.ts';
import { methodNotAllowed } from '../errors.ts';
import type { Answer, Call, Machinery } from './call.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { get, type Pages, selectorOf } from './read.ts';
import { subresource } from './subresources.ts';
import { patch, replace } from './update.ts';

/** Does what a call asks for; watches are answered elsewhere. Throws a StatusError. */
export function dispatch(machinery: Machinery, pages: Pages, call: Call): Answer {
  if (call.subresource !== undefined && call.subresource !== 'status') return subresource(machinery, call);
  if (call.verb === 'get') return { code: 200, body: get(machinery, call) };
  if (call.verb === 'list') return { code: 200, body: pages.list(machinery, call) };
  if (call.verb === 'create' && call.name === undefined) return { code: 201, body: create(machinery, call) };
  if (['update', 'patch'].includes(call.verb) && call.name === undefined) throw methodNotAllowed(call.kind.resource);
  if (call.verb === 'update') return { code: 200, body: replace(machinery, call) };
  if (call.verb === 'patch' && call.contentType === 'application/apply-patch+yaml') return apply(machinery, call);
  if (call.verb === 'patch') return { code: 200, body: patch(machinery, call) };
  if (call.verb === 'delete') return remove(machinery, call);
  if (call.verb === 'deletecollection') return removeAll(machinery, pages, call);
  throw methodNotAllowed(call.kind.resource);
}

function removeAll(machinery: Machinery, pages: Pages, call: Call): Answer {
  const { store } = machinery;
  const doomed = store.list(call.kind.resource, call.namespace).filter(selectorOf(call));
  const body = pages.list(machinery, call);
  for (const { metadata } of doomed)
    remove(machinery, { ...call, verb: 'delete', name: metadata.name, namespace: metadata.namespace });
  return { code: 200, body };
}
