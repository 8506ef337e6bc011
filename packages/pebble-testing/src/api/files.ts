/** @module Files over the API: per-path errors inside answers that are themselves fine. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { boundaryOf, encodeMultipart, type Part, parseMultipart } from '@vpn-k8s/pebble';
import type { Daemon } from '../daemon.ts';
import { quote } from '../plan/read.ts';
import { type Answer, type Incoming, jsonBody, Refusal, sync } from './answer.ts';
import { listFiles } from './file-list.ts';
import { type DirItem, type FileItem, fileError, makeDir, requireAbsolute, writeFile } from './file-write.ts';

/** GET /v1/files: read, list. */
export function getFiles(_: Daemon, request: Incoming): Answer {
  const action = request.query.get('action') ?? '';
  if (action === 'read') return readFiles(request);
  if (action === 'list') return list(request);
  throw new Refusal(400, `invalid action ${quote(action)}`);
}

/** POST /v1/files: write as multipart, make-dirs and remove as JSON. */
export function postFiles(_: Daemon, request: Incoming): Answer {
  const type = request.headers['content-type'] ?? '';
  const boundary = boundaryOf(type);
  if (boundary !== undefined) return writeFiles(request, boundary);
  if (!/^application\/json\b/.test(type)) {
    throw new Refusal(
      400,
      type === '' ? 'invalid Content-Type ""' : `invalid media type ${quote(type.replace(/;.*/, ''))}`,
    );
  }
  const body = jsonBody(request, 'request body');
  const action = String(body.action ?? '');
  if (action === 'make-dirs') return perPath('mkdir', body.dirs, (item: DirItem) => makeDir(item));
  if (action === 'remove') return perPath('remove', body.paths, removePath);
  throw new Refusal(
    400,
    action === 'write' ? 'must use multipart with "write" action' : `invalid action ${quote(action)}`,
  );
}

function list(request: Incoming): Answer {
  const path = request.query.get('path') ?? '';
  const itself = request.query.get('itself') ?? '';
  if (path === '') throw new Refusal(400, 'must specify path');
  if (!['', 'true', 'false'].includes(itself)) throw new Refusal(400, 'itself parameter must be "true" or "false"');
  if (!isAbsolute(path)) throw new Refusal(400, `path must be absolute, got ${quote(path)}`);
  try {
    return sync(listFiles(path, request.query.get('pattern') ?? '', itself === 'true'));
  } catch (error) {
    const { message, kind } = fileError('stat', path, error);
    const status = kind === 'not-found' ? 404 : kind === 'permission-denied' ? 403 : 400;
    throw new Refusal(status, message, kind);
  }
}

function readFiles(request: Incoming): Answer {
  const paths = request.query.getAll('path');
  if (paths.length === 0) throw new Refusal(400, 'must specify one or more paths');
  if (request.headers.accept !== 'multipart/form-data') throw new Refusal(400, 'must accept multipart/form-data');
  const parts: Part[] = [];
  const results = paths.map((path) =>
    resultOf(path, 'stat', () => {
      requireAbsolute(path);
      if (!statSync(path).isFile()) throw new Error(`can only read a regular file: ${quote(path)}`);
      parts.push({ name: 'files', filename: path, type: 'application/octet-stream', body: readFileSync(path) });
    }),
  );
  parts.push({
    name: 'response',
    type: 'application/json',
    body: Buffer.concat([sync(results).body, Buffer.from('\n')]),
  });
  const boundary = randomBytes(30).toString('hex');
  return { status: 200, type: `multipart/form-data; boundary=${boundary}`, body: encodeMultipart(parts, boundary) };
}

function writeFiles(request: Incoming, boundary: string): Answer {
  if (boundary.length < 32) throw new Refusal(400, `invalid boundary ${quote(boundary)}`);
  const [metadata, ...contents] = parts(request, boundary);
  if (metadata?.name !== 'request') {
    throw new Refusal(400, `metadata field name must be "request", got ${quote(metadata?.name ?? '')}`);
  }
  const body = jsonBody({ ...request, body: metadata.body }, 'request metadata');
  if (body.action !== 'write')
    throw new Refusal(400, `multipart action must be "write", got ${quote(String(body.action ?? ''))}`);
  const items = (body.files ?? []) as FileItem[];
  if (items.length === 0) throw new Refusal(400, 'must specify one or more files');
  for (const part of contents) requireWanted(part, items);
  return perPath('open', items, (item: FileItem) => {
    const content = contents.find((part) => part.filename === item.path);
    if (content === undefined) throw new Error(`no file content for path ${quote(item.path)}`);
    writeFile(item, content.body);
  });
}

function parts(request: Incoming, boundary: string): Part[] {
  try {
    return parseMultipart(request.body, boundary);
  } catch (error) {
    throw new Refusal(400, `cannot read request metadata: ${(error as Error).message}`);
  }
}

function requireWanted(part: Part, items: readonly FileItem[]): void {
  if (part.name !== 'files') throw new Refusal(400, `field name must be "files", got ${quote(part.name)}`);
  if (items.some((item) => item.path === part.filename)) return;
  throw new Refusal(400, `no metadata for path ${quote(part.filename ?? '')}`);
}

function removePath(item: { path: string; recursive?: boolean }): void {
  requireAbsolute(item.path);
  if (item.recursive) rmSync(item.path, { recursive: true, force: true });
  else if (statSync(item.path, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(item.path);
  else unlinkSync(item.path);
}

function perPath<Item extends { path: string }>(verb: string, items: unknown, action: (item: Item) => void): Answer {
  const list = Array.isArray(items) ? (items as Item[]) : [];
  return sync(list.map((item) => resultOf(item.path, verb, () => action(item))));
}

function resultOf(path: string, verb: string, action: () => void): object {
  try {
    action();
    return { path };
  } catch (error) {
    return { path, error: fileError(verb, path, error) };
  }
}
