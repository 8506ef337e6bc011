/** @module Pebble over its unix socket: a client for charms, with typed answers and errors that carry the reason. */
export type {
  Change,
  CheckInfo,
  FileInfo,
  LogEntry,
  Notice,
  ServiceInfo,
  ServiceStatus,
  SystemInfo,
  Task,
} from './answers.ts';
export { planDifference } from './difference.ts';
export { ChangeFailed, ChangeTimeout, PathError, PebbleError, PebbleUnreachable } from './errors.ts';
export type { ExecOptions, Execution } from './exec.ts';
export type { MakeDirOptions, Owner, PushOptions } from './files.ts';
export type { Check, Layer, LogTarget, Override, Plan, RunAs, Service, ServiceAction } from './layer.ts';
export { boundaryOf, encodeMultipart, type Part, parseMultipart } from './multipart.ts';
export { changeTimeoutMs, type NoticeFilter, Pebble } from './pebble.ts';
export { parsePlanYaml } from './plan-yaml.ts';
export { encodeFrame, type Frame, FrameReader, opcode } from './websocket.ts';
