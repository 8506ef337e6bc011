/** @module The shapes that every Kubernetes object, Status and watch event has. */
import type { ListMeta, ObjectMeta } from 'kubernetes-types/meta/v1.js';

/** What all objects have (apimachinery, pkg/apis/meta/v1/types.go). */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** A list as the server answers it; items of built-in kinds come without `apiVersion` and `kind`. */
export interface KubeList<T> {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  items: T[];
}

/** One cause of a failure: the field, and what is wrong with it. */
export interface StatusCause {
  field?: string;
  message?: string;
  reason?: string;
}

/** What the server answers instead of an object (apimachinery, metav1.Status). */
export interface Status {
  kind?: 'Status';
  apiVersion?: 'v1';
  metadata?: object;
  status?: 'Success' | 'Failure';
  message: string;
  reason: string;
  code: number;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
}

/** One event of a watch; a BOOKMARK's object has only a resourceVersion. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}
