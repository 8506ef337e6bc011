/** @module Server-side apply. */
import { notImplemented } from '../errors.ts';
import type { Answer, Call, Machinery } from '../verbs/call.ts';

/** PATCH with an applied configuration. */
export function apply(_machinery: Machinery, _call: Call): Answer {
  throw notImplemented('apply');
}
