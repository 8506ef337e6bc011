/** @module The type of a strategic merge patch: the object's own shape, plus directives. */

type Scalar = string | number | boolean | null | undefined;

/** `$setElementOrder/<list>`: the order of a list by merge key (scalars in a list of scalars). */
type ElementOrder<T> = {
  [K in keyof T & string as NonNullable<T[K]> extends readonly unknown[]
    ? `$setElementOrder/${K}`
    : never]?: NonNullable<T[K]> extends readonly (infer Item)[]
    ? readonly (Item extends Scalar ? Item : Partial<Item>)[]
    : never;
};

/** `$deleteFromPrimitiveList/<list>`: scalars to take out of a merged list of scalars. */
type PrimitiveDeletion<T> = {
  [K in keyof T & string as NonNullable<T[K]> extends readonly Scalar[]
    ? `$deleteFromPrimitiveList/${K}`
    : never]?: NonNullable<T[K]>;
};

/**
 * A strategic merge patch of `T`. Every field is optional; `null` deletes; items of keyed lists merge by their key;
 * `$patch: 'delete'` takes an item out, `$patch: 'replace'` replaces instead of merging, `$retainKeys` lists the keys that may stay.
 * A new item goes **before** the existing ones unless `$setElementOrder/<list>` says otherwise.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 *
 * @example const patch: StrategicPatch<StatefulSet> = { spec: { template: { spec: { initContainers: [{ name: 'old', $patch: 'delete' }] } } } };
 */
export type StrategicPatch<T> = T extends Scalar
  ? T
  : T extends readonly (infer Item)[]
    ? readonly StrategicPatch<Item>[]
    : T extends object
      ? { [K in keyof T]?: StrategicPatch<NonNullable<T[K]>> | null } & {
          readonly $patch?: 'replace' | 'delete' | 'merge';
          readonly $retainKeys?: readonly (keyof T & string)[];
        } & ElementOrder<T> &
          PrimitiveDeletion<T>
      : T;

/** A JSON merge patch of `T` (RFC 7386): `null` deletes, lists are replaced whole. */
export type MergePatch<T> = T extends Scalar | readonly unknown[]
  ? T
  : { [K in keyof T]?: MergePatch<NonNullable<T[K]>> | null };

/** One operation of a JSON patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

/** The body that each type of patch takes. */
export interface PatchBody<T> {
  strategic: StrategicPatch<T>;
  merge: MergePatch<T>;
  json: readonly JsonPatchOperation[];
}
