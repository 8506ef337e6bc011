/** @module One HTTP request from its first byte to its answer: who, what, may they, faults, verb. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, Faults, RequestRecord } from '../access/faults.ts';
import { authorize, authorizePath } from '../access/rbac.ts';
import { admin, type User } from '../access/users.ts';
import { badRequest, failure, noSuchPath, notAcceptable, StatusError, unsupportedMediaType } from '../errors.ts';
import type { Call, Machinery } from '../verbs/call.ts';
import { dispatch } from '../verbs/dispatch.ts';
import { Pages } from '../verbs/read.ts';
import { discover } from './discovery.ts';
import { kindAt, parsePath, type Target, verbOf } from './route.ts';
import { watch } from './watch.ts';

/** What a handler needs of its server. */
export interface Setting extends Machinery {
  readonly auth: 'rbac' | 'open';
  readonly faults: Faults;
  readonly requests: RequestRecord[];
}

const bodyLimit = 3 * 1024 * 1024;
const jsonTypes = ['application/json', 'application/yaml'];

/** Answers requests for one server. */
export class Handler {
  readonly #setting: Setting;
  readonly #pages = new Pages();

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Forgets outstanding list pages. */
  expirePages(): void {
    this.#pages.expire();
  }

  /** Answers one request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new Asked(request);
    try {
      await this.#serve(request, response, asked);
    } catch (error) {
      const status = error instanceof StatusError ? error : internal(error);
      asked.record && Object.assign(asked.record, { code: status.status.code });
      if (response.headersSent) response.destroy();
      else sendJson(response, status.status.code, status.status);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const { auth, tokens, store, faults, requests } = this.#setting;
    const user = auth === 'open' ? admin : tokens.authenticate(request.headers.authorization);
    const body = await readBody(request, asked);
    const record = asked.recordFor(user, body);
    requests.push(record);
    const fault = faults.take(record);
    if (fault && (await strike(fault, response))) return;
    if (!asked.target || !isServed(this.#setting, asked.target))
      return answerPath(this.#setting, user, asked, response);
    const call = this.#call(asked, user, body);
    if (call.verb === 'watch') {
      record.code = 200;
      return watch(store, call, response);
    }
    const answer = dispatch(this.#setting, this.#pages, call);
    record.code = answer.code;
    finishAnswer(response, answer.code, answer.body, fault);
  }

  #call(asked: Asked, user: User, body: unknown): Call {
    const { store, auth } = this.#setting;
    const target = asked.target as Target;
    const { group, plural: resource, namespace, name, subresource } = target;
    if (auth === 'rbac')
      authorize(store, user, { verb: asked.verb, group, resource, namespace: namespaceFor(target), name, subresource });
    const kind = kindAt(store, target);
    if (!kind) throw noSuchPath();
    requireAcceptable(asked.headers.accept);
    return { verb: asked.verb, kind, namespace, name, subresource, user, query: asked.query, body, ...asked.words };
  }
}

/** A request as it came in. */
class Asked {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly target: Target | undefined;
  readonly verb: string;
  record: RequestRecord | undefined;

  constructor(request: IncomingMessage) {
    const url = new URL(request.url ?? '/', 'https://server');
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.method = request.method ?? 'GET';
    this.headers = request.headers;
    this.target = parsePath(url.pathname);
    this.verb = this.target ? verbOf(this.method, this.target, this.query) : this.method.toLowerCase();
  }

  get words(): { contentType: string; userAgent: string } {
    const contentType = (this.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
    return { contentType, userAgent: this.headers['user-agent'] ?? '' };
  }

  recordFor(user: User, body: unknown): RequestRecord {
    const { plural: resource = '', namespace, name, subresource } = this.target ?? {};
    const place = { ...(namespace && { namespace }), ...(name && { name }), ...(subresource && { subresource }) };
    const said = { verb: this.verb, method: this.method, path: this.path, query: this.query, resource, ...place };
    this.record = { ...said, user: user.name, ...this.words, ...(body !== undefined && { body }) };
    return this.record;
  }
}

/** Reading a namespace by name counts as being in it, as the real authorizer does. */
const namespaceFor = ({ plural, group, namespace, name }: Target) =>
  namespace ?? (group === '' && plural === 'namespaces' ? name : undefined);

const isServed = ({ store }: Setting, target: Target) =>
  target.plural !== '' && (kindAt(store, target) !== undefined || hasGroup(store, target));
const hasGroup = (store: Setting['store'], { group, version }: Target) =>
  discover(store, group === '' ? `/api/${version}` : `/apis/${group}/${version}`) !== undefined;

function answerPath({ store, auth }: Setting, user: User, asked: Asked, response: ServerResponse): void {
  if (auth === 'rbac') authorizePath(user, asked.path);
  const found = asked.method === 'GET' ? discover(store, asked.path) : undefined;
  if (asked.record) asked.record.code = found === undefined ? 404 : 200;
  if (found === undefined) sendText(response, 404, '404 page not found\n');
  else if (typeof found === 'string') sendText(response, 200, found);
  else sendJson(response, 200, found);
}

async function readBody(request: IncomingMessage, asked: Asked): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > bodyLimit)
      throw failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimit}`);
    chunks.push(chunk as Buffer);
  }
  return size === 0 ? undefined : parseBody(Buffer.concat(chunks).toString('utf8'), asked);
}

async function parseBody(text: string, asked: Asked): Promise<unknown> {
  const { contentType } = asked.words;
  if (asked.verb !== 'patch' && !['', ...jsonTypes].includes(contentType))
    throw unsupportedMediaType([...jsonTypes, 'application/vnd.kubernetes.protobuf']);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (contentType.includes('yaml')) return (await import('yaml')).parse(text);
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message.slice(0, 100)}`);
  }
}

/** True when the fault took the place of an answer. */
async function strike(fault: Fault, response: ServerResponse): Promise<boolean> {
  if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault.kind === 'reset') response.destroy();
  if (fault.kind === 'status') {
    const { code, reason = '', message = `fault ${code}`, ...more } = fault.status;
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', String(fault.retryAfter));
    sendJson(response, code, { ...failure(code, reason, message).status, ...more });
  }
  return fault.kind === 'reset' || fault.kind === 'status' || fault.kind === 'hang';
}

function finishAnswer(response: ServerResponse, code: number, body: unknown, fault: Fault | undefined): void {
  if (fault?.kind === 'reset-after') response.destroy();
  else if (fault?.kind === 'half') sendHalf(response, code, body);
  else sendJson(response, code, body);
}

function sendHalf(response: ServerResponse, code: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept === '' || /\*\/\*|application\/(json|\*)/.test(accept)) return;
  throw notAcceptable();
}

function sendJson(response: ServerResponse, code: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) });
  response.end(text);
}

function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** A bug of this stand-in shows as a 500 with its stack, so that nobody takes it for Kubernetes' behaviour. */
function internal(error: unknown): StatusError {
  const stack = error instanceof Error ? error.stack : String(error);
  return failure(500, 'InternalError', `Internal error occurred: a bug of the API server stand-in: ${stack}`);
}
