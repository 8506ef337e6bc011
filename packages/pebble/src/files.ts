/** @module The files API of Pebble: every operation answers per path, inside an answer that is itself fine. */
import type { FileInfo } from './answers.ts';
import { PathError, PebbleError } from './errors.ts';
import { boundaryOf, encodeMultipart, parseMultipart } from './multipart.ts';
import { ask, type Envelope, open, query, send } from './wire.ts';

/** Who owns what is made; name or number, user and group both or neither. */
export interface Owner {
  readonly user?: string | number;
  readonly group?: string | number;
}

/** `permissions` is three octal digits, 644 unless told; `makeDirs` makes missing parents with mode 755. */
export interface PushOptions extends Owner {
  readonly permissions?: string;
  readonly makeDirs?: boolean;
}

/** `permissions` is three octal digits, 755 unless told; parents are made unless `makeParents` is false. */
export interface MakeDirOptions extends Owner {
  readonly permissions?: string;
  readonly makeParents?: boolean;
}

/** Writes one file; see Pebble.pushFile. */
export async function push(
  socketPath: string,
  path: string,
  content: string | Buffer,
  options: PushOptions,
): Promise<void> {
  const file = { path, 'make-dirs': options.makeDirs ?? false, ...common(options) };
  const metadata = Buffer.from(JSON.stringify({ action: 'write', files: [file] }));
  const body = Buffer.from(content);
  const boundary = unusedBoundary(body);
  const parts = [
    { name: 'request', type: 'application/json', body: metadata },
    { name: 'files', filename: path, type: 'application/octet-stream', body },
  ];
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
  const request = { method: 'POST', path: '/v1/files', body: encodeMultipart(parts, boundary), headers } as const;
  throwFirst(await ask(socketPath, request));
}

/** Reads one file; see Pebble.pullBytes. */
export async function pull(socketPath: string, path: string): Promise<Buffer | undefined> {
  const headers = { Accept: 'multipart/form-data' };
  const request = { method: 'GET', path: `/v1/files${query({ action: 'read', path })}`, headers } as const;
  const answer = await send(socketPath, request);
  const boundary = boundaryOf(answer.headers['content-type'] ?? '');
  if (boundary === undefined) {
    open(request, answer);
    throw new PebbleError('GET /v1/files', answer.status, 'Pebble answered a read without multipart', '');
  }
  const parts = parseMultipart(answer.body, boundary);
  const metadata = parts.find((part) => part.name === 'response')?.body ?? Buffer.alloc(0);
  try {
    throwFirst(open(request, { ...answer, body: metadata }));
  } catch (error) {
    if (error instanceof PathError && error.kind === 'not-found') return undefined;
    throw error;
  }
  return parts.find((part) => part.name === 'files')?.body;
}

/** Lists; see Pebble.listFiles. */
export async function list(
  socketPath: string,
  path: string,
  options: { pattern?: string; itself?: boolean },
): Promise<FileInfo[]> {
  const itself = options.itself ? true : undefined;
  const where = query({ action: 'list', path, pattern: options.pattern, itself });
  return (await ask(socketPath, { method: 'GET', path: `/v1/files${where}` })).result as FileInfo[];
}

/** Makes directories; see Pebble.makeDirs. */
export async function makeDirs(socketPath: string, paths: readonly string[], options: MakeDirOptions): Promise<void> {
  const dirs = paths.map((path) => ({ path, 'make-parents': options.makeParents ?? true, ...common(options) }));
  throwFirst(await ask(socketPath, { method: 'POST', path: '/v1/files', json: { action: 'make-dirs', dirs } }));
}

/** Removes; see Pebble.removeFiles. */
export async function remove(
  socketPath: string,
  paths: readonly string[],
  options: { recursive?: boolean },
): Promise<void> {
  const items = paths.map((path) => ({ path, recursive: options.recursive ?? false }));
  throwFirst(await ask(socketPath, { method: 'POST', path: '/v1/files', json: { action: 'remove', paths: items } }));
}

function common(options: Owner & { readonly permissions?: string }): Record<string, string | number> {
  return {
    ...(options.permissions === undefined ? {} : { permissions: options.permissions }),
    ...named('user', options.user),
    ...named('group', options.group),
  };
}

function named(key: 'user' | 'group', value: string | number | undefined): Record<string, string | number> {
  if (value === undefined) return {};
  return typeof value === 'number' ? { [`${key}-id`]: value } : { [key]: value };
}

function throwFirst(envelope: Envelope): void {
  const results = envelope.result as { path: string; error?: { message: string; kind?: string } }[];
  const failed = results.find((result) => result.error !== undefined);
  if (failed?.error !== undefined) throw new PathError(failed.path, failed.error.message, failed.error.kind ?? '');
}

/** A boundary of the 32 characters that Pebble asks for, which the content does not hold. */
function unusedBoundary(content: Buffer): string {
  for (let n = 0; ; n++) {
    const boundary = `vpn-k8s-boundary-${String(n).padStart(24, '0')}`;
    if (!content.includes(boundary)) return boundary;
  }
}
