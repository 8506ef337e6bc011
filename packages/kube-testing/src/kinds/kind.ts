/** @module What the server must know of a kind: its resource, its shape, its defaults and what it refuses. */
import type { Resource } from '@vpn-k8s/kube';
import type { FieldError } from '../errors.ts';
import type { Schema } from '../schema/schema.ts';
import type { Json } from '../store/clone.ts';
import type { Store } from '../store/store.ts';

/** What a kind's rules may look at besides the object. */
export interface Surroundings {
  readonly store: Store;
  readonly serviceCidr: string;
}

/** The rules of a kind; each changes or judges a decoded object that is not yet stored. */
export interface Strategy {
  /** Fills in what the real server fills in at each write (pkg/apis/.../defaults.go). */
  readonly defaults?: (object: Json) => void;
  /** Runs once the object is going to be stored: allocates, sets what users may not. `old` is missing on create. */
  readonly prepare?: (object: Json, old: Json | undefined, around: Surroundings) => void;
  /** What is wrong with the object, or with the change from `old`. */
  readonly validate?: (object: Json, old: Json | undefined) => readonly FieldError[];
}

/** One served kind. */
export interface Kind extends Strategy {
  readonly resource: Resource;
  readonly schema: Schema | undefined;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** `metadata.generation` counts changes of the spec. */
  readonly generation: boolean;
  readonly subresources: readonly string[];
}
