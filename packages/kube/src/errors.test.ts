/** @module Answers become the error class of the decision, with what the caller needs to say. */
import { describe, expect, test } from 'vitest';
import * as errors from './errors.ts';
import type { RequestTarget } from './request.ts';
import { retryDelay } from './retry.ts';

const request: RequestTarget = {
  verb: 'patch',
  resource: 'statefulsets.apps',
  namespace: 'media',
  name: 'qbittorrent',
};
const status = (code: number, reason: string, message = 'the sentence', details = {}) => ({
  kind: 'Status',
  code,
  reason,
  message,
  details,
});

test.each([
  { name: 'NotFound', code: 404, reason: 'NotFound' },
  { name: 'Unauthorized', code: 401, reason: 'Unauthorized' },
  { name: 'Forbidden', code: 403, reason: 'Forbidden' },
  { name: 'Conflict', code: 409, reason: 'Conflict' },
  { name: 'AlreadyExists', code: 409, reason: 'AlreadyExists' },
  { name: 'Expired', code: 410, reason: 'Expired' },
  { name: 'Invalid', code: 422, reason: 'Invalid' },
  { name: 'ApiError', code: 429, reason: 'TooManyRequests' },
  { name: 'ApiError', code: 500, reason: 'InternalError' },
])('$code $reason is $name', ({ name, code, reason }) => {
  const error = errors.errorFor(code, status(code, reason), request);
  expect([error.name, error.code, error.reason, error.message]).toEqual([name, code, reason, 'the sentence']);
});

test('an answer that is no Status is quoted', () => {
  const error = errors.errorFor(404, '404 page not found\n', request);
  expect([error.name, error.message]).toEqual([
    'NotFound',
    'the server answered 404 to patch statefulsets.apps: 404 page not found',
  ]);
});

test('a refused apply is told as the verb patch, which RBAC knows', () => {
  const error = errors.errorFor(403, status(403, 'Forbidden'), { ...request, verb: 'apply' }) as errors.Forbidden;
  expect([error.verb, error.resource, error.namespace]).toEqual(['patch', 'statefulsets.apps', 'media']);
});

test('a conflict of apply names each manager once', () => {
  const cause = (manager: string) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}" using apps/v1`,
    field: '.spec',
  });
  const details = { causes: [cause('juju'), cause('juju'), cause('kubectl')] };
  const error = errors.errorFor(409, status(409, 'Conflict', 'x', details), request) as errors.Conflict;
  expect(error.managers).toEqual(['juju', 'kubectl']);
});

test.each([
  {
    name: 'causes',
    code: 422,
    message: 'x',
    causes: [{ field: 'spec.a' }, { field: 'spec.b' }],
    fields: ['spec.a', 'spec.b'],
  },
  {
    name: 'strict decoding',
    code: 400,
    message: 'strict decoding error: unknown field "spec.a", unknown field "spec.b"',
    fields: ['spec.a', 'spec.b'],
  },
  {
    name: 'strict decoding of a patch',
    code: 422,
    message: 'strict decoding error: unknown field "spec.a"',
    causes: [{ field: 'patch' }],
    fields: ['spec.a'],
  },
  {
    name: 'apply',
    code: 500,
    message: 'failed to create typed patch object (m/a; v1, Kind=X): .spec.a: field not declared in schema',
    fields: ['spec.a'],
  },
])('the fields of $name', ({ code, message, causes, fields }) => {
  const error = errors.errorFor(code, status(code, 'Invalid', message, { causes }), request);
  expect(error).toBeInstanceOf(errors.Invalid);
  expect((error as errors.Invalid).fields).toEqual(fields);
});

describe('repeating', () => {
  const failed = (code: number, seconds?: number) =>
    errors.errorFor(code, status(code, '', '', { retryAfterSeconds: seconds }), request);
  const down = (code: string) => new errors.Unreachable('https://x', Object.assign(new Error('x'), { code }), request);
  const late = new errors.Unreachable('https://x', new DOMException('late', 'TimeoutError'), request);
  const both = new errors.Unreachable(
    'https://x',
    new AggregateError([down('ECONNREFUSED').cause, down('ENETUNREACH').cause]),
    request,
  );

  test.each([
    { name: 'a read after 503', verb: 'get', error: failed(503), attempt: 1, wait: 100 },
    { name: 'a read the second time', verb: 'get', error: failed(503), attempt: 2, wait: 200 },
    { name: 'a read the third time', verb: 'get', error: failed(503), attempt: 3, wait: undefined },
    { name: 'a read after 404', verb: 'get', error: failed(404), attempt: 1, wait: undefined },
    { name: 'a read whose connection was reset', verb: 'list', error: down('ECONNRESET'), attempt: 1, wait: 100 },
    { name: 'a read that took too long', verb: 'get', error: late, attempt: 1, wait: undefined },
    { name: 'a write after 503', verb: 'patch', error: failed(503), attempt: 1, wait: undefined },
    {
      name: 'a write whose connection was reset',
      verb: 'patch',
      error: down('ECONNRESET'),
      attempt: 1,
      wait: undefined,
    },
    { name: 'a write that was never sent', verb: 'patch', error: down('ECONNREFUSED'), attempt: 1, wait: 100 },
    { name: 'a write that no address took', verb: 'create', error: both, attempt: 1, wait: 100 },
    { name: 'a write that was refused unread', verb: 'patch', error: failed(429, 1), attempt: 1, wait: 1000 },
    { name: 'a server that asks for patience', verb: 'get', error: failed(429, 30), attempt: 1, wait: undefined },
  ] as const)('$name', ({ verb, error, attempt, wait }) => {
    expect(retryDelay({ ...request, verb }, error, attempt)).toBe(wait);
  });
});
