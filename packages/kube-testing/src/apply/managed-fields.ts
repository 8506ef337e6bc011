/** @module Keeps metadata.managedFields: who wrote which field, as fieldsV1. */
import type { Kind } from '../kinds/kind.ts';
import type { Json } from '../store/clone.ts';

/** Notes a create, update or patch by `manager`. */
export function recordWrite(
  _old: Json | undefined,
  _object: Json,
  _manager: string,
  _kind: Kind,
  _subresource?: string,
): void {}
