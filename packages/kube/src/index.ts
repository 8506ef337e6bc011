/** @module A thin typed Kubernetes client. */
export {
  type DeleteOptions,
  KubeClient,
  type ListOptions,
  type ObjectOptions,
  type WatchOptions,
  type WriteOptions,
} from './client.ts';
export type { ConnectionOptions } from './connection.ts';
export {
  AlreadyExists,
  ApiError,
  Conflict,
  Expired,
  errorFor,
  Forbidden,
  Invalid,
  NotFound,
  Unauthorized,
  Unreachable,
} from './errors.ts';
export { inClusterOptions } from './in-cluster.ts';
export type { KubeList, KubeObject, Status, StatusCause, WatchEvent } from './object.ts';
export {
  buildRequest,
  type KubeRequest,
  type PatchType,
  type RequestTarget,
  resourcePath,
  type Verb,
} from './request.ts';
export * from './resources.ts';
export type { JsonPatchOperation, MergePatch, PatchBody, StrategicPatch } from './strategic-patch.ts';
