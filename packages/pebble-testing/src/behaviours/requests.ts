/** @module Requests that are refused, with the words of the refusal; and layers that are taken. */
import { type Layer, planDifference } from '@vpn-k8s/pebble';
import { expect } from 'vitest';
import { type Behaviour, raw } from './behaviour.ts';

const layer = (text: string, more: object = {}) => ({
  action: 'add',
  combine: true,
  label: 'l',
  format: 'yaml',
  layer: text,
  ...more,
});
const service = (fields: string) => layer(`services: {s: {override: replace, command: x, ${fields}}}`);
const check = (fields: string) => layer(`checks: {c: {override: replace, ${fields}}}`);

type Row = readonly [path: string, json: unknown, status: number, message: string];

const postRows: readonly Row[] = [
  ['/v1/layers', layer('', { action: 'x' }), 400, 'invalid action "x"'],
  ['/v1/layers', layer('', { label: '' }), 400, 'label must be set'],
  ['/v1/layers', layer('', { format: 'json' }), 400, 'invalid format "json"'],
  [
    '/v1/layers',
    layer('', { label: 'pebble-x' }),
    400,
    'cannot parse layer YAML: cannot use reserved label prefix "pebble-"',
  ],
  ['/v1/layers', layer('nope: {}'), 400, 'cannot parse layer YAML: cannot parse layer "l": unknown section "nope"'],
  ['/v1/layers', layer('services: {s: {command: x}}'), 400, 'layer "l" must define "override" for service "s"'],
  [
    '/v1/layers',
    layer('services: {s: {override: x, command: x}}'),
    400,
    'layer "l" has invalid "override" value for service "s"',
  ],
  ['/v1/layers', layer('services: {s: {override: replace}}'), 400, 'plan must define "command" for service "s"'],
  [
    '/v1/layers',
    layer('services: {pebble: {override: replace, command: x}}'),
    400,
    'cannot parse layer YAML: cannot use reserved service name "pebble"',
  ],
  [
    '/v1/layers',
    layer('services: {-s: {override: replace, command: x}}'),
    400,
    'cannot parse layer YAML: cannot use service name "-s": starting with "-" not allowed',
  ],
  [
    '/v1/layers',
    service('on-success: explode'),
    400,
    'cannot parse layer YAML: plan service "s" on-success action "explode" invalid',
  ],
  [
    '/v1/layers',
    service('on-check-failure: {c: explode}'),
    400,
    'cannot parse layer YAML: plan service "s" on-check-failure action "explode" invalid',
  ],
  [
    '/v1/layers',
    service('backoff-factor: 0.5'),
    400,
    'cannot parse layer YAML: plan service "s" backoff-factor must be 1.0 or greater, not 0.5',
  ],
  [
    '/v1/layers',
    layer('services: {s: {override: replace, command: x, after: [t]}, t: {override: replace, command: x, after: [s]}}'),
    400,
    'services in before/after loop: s, t',
  ],
  [
    '/v1/layers',
    layer('services: {s: {override: replace, command: "a \\"b"}}'),
    400,
    'cannot parse layer YAML: plan service "s" command invalid: cannot parse service "s" command: EOF found when expecting closing quote',
  ],
  [
    '/v1/layers',
    layer('services: {s: {override: replace, command: "a [ b ] c"}}'),
    400,
    'cannot parse layer YAML: plan service "s" command invalid: cannot parse service "s" command: cannot have any arguments after [ ... ] group',
  ],
  [
    '/v1/layers',
    check('exec: {command: x}, level: high'),
    400,
    'cannot parse layer YAML: plan check "c" level must be "alive" or "ready"',
  ],
  [
    '/v1/layers',
    check('exec: {command: x}, startup: maybe'),
    400,
    'cannot parse layer YAML: plan check "c" startup must be "enabled" or "disabled"',
  ],
  [
    '/v1/layers',
    check('exec: {command: x}, period: 0s'),
    400,
    'cannot parse layer YAML: plan check "c" period must not be zero',
  ],
  ['/v1/layers', check('level: alive'), 400, 'plan must specify one of "http", "tcp", or "exec" for check "c"'],
  [
    '/v1/layers',
    check('tcp: {port: 1}, http: {url: x}'),
    400,
    'plan must specify one of "http", "tcp", or "exec" for check "c"',
  ],
  ['/v1/layers', check('tcp: {host: x}'), 400, 'plan must set "port" for tcp check "c"'],
  ['/v1/layers', check('http: {}'), 400, 'plan must set "url" for http check "c"'],
  [
    '/v1/layers',
    check('exec: {command: x, service-context: no}'),
    400,
    'plan check "c" service context specifies non-existent service "no"',
  ],
  ['/v1/services', { action: 'start' }, 400, 'must specify services for start action'],
  ['/v1/services', { action: 'start', services: ['no'] }, 400, 'cannot start services: service "no" does not exist'],
  ['/v1/services', { action: 'stop', services: ['no'] }, 400, 'cannot stop services: service "no" does not exist'],
  ['/v1/services', { action: 'replan', services: ['no'] }, 400, 'replan accepts no service names'],
  ['/v1/services', { action: 'autostart' }, 400, 'no default services'],
  ['/v1/services', { action: 'dance', services: ['no'] }, 400, 'invalid action "dance"'],
  ['/v1/signals', { signal: 'SIGHUP' }, 400, 'must specify one or more services'],
  ['/v1/signals', { signal: 'SIGHUP', services: ['no'] }, 500, 'cannot send signal to "no": service is not running'],
  ['/v1/checks', { action: 'start' }, 400, 'must specify checks for start action'],
  ['/v1/checks', { action: 'dance', checks: ['x'] }, 400, 'invalid action "dance"'],
  ['/v1/checks/refresh', { name: '' }, 400, 'must specify check name'],
  ['/v1/checks/refresh', { name: 'no' }, 404, 'cannot find check with name "no"'],
  ['/v1/files', { action: 'write' }, 400, 'must use multipart with "write" action'],
  ['/v1/files', { action: 'dance' }, 400, 'invalid action "dance"'],
  ['/v1/notices', { action: 'dance' }, 400, 'invalid action "dance"'],
  ['/v1/notices', { action: 'add', type: 'warning' }, 400, 'invalid type "warning" (can only add "custom" notices)'],
  [
    '/v1/notices',
    { action: 'add', type: 'custom', key: 'Bad' },
    400,
    'invalid key "Bad" (must be in "example.com/path" format)',
  ],
  [
    '/v1/notices',
    { action: 'add', type: 'custom', key: `a.b/${'c'.repeat(300)}` },
    400,
    'key must be 256 bytes or less',
  ],
  [
    '/v1/notices',
    { action: 'add', type: 'custom', key: 'a.b/c', data: { x: 'y'.repeat(5000) } },
    400,
    'total size of data must be 4096 bytes or less',
  ],
  ['/v1/exec', { command: [] }, 400, 'must specify command'],
  [
    '/v1/exec',
    { command: ['true'], 'working-dir': '/no/dir' },
    500,
    'cannot call exec: working directory "/no/dir" does not exist',
  ],
  ['/v1/plan', {}, 405, 'method "POST" not allowed'],
];

const getRows: readonly (readonly [path: string, status: number, message: string])[] = [
  ['/v1/nope', 404, 'invalid API endpoint requested'],
  ['/v1/layers', 405, 'method "GET" not allowed'],
  ['/v1/plan', 400, 'invalid format ""'],
  ['/v1/checks?level=x', 400, 'level must be "alive" or "ready"'],
  ['/v1/health?level=x', 400, 'level must be "alive" or "ready"'],
  ['/v1/changes?select=x', 400, 'select should be one of: all,in-progress,ready'],
  ['/v1/changes/77', 404, 'cannot find change with id "77"'],
  ['/v1/changes/77/wait', 404, 'cannot find change with id "77"'],
  ['/v1/files?action=list', 400, 'must specify path'],
  ['/v1/files?action=list&path=x', 400, 'path must be absolute, got "x"'],
  ['/v1/files?action=read', 400, 'must specify one or more paths'],
  ['/v1/files?action=read&path=/x', 400, 'must accept multipart/form-data'],
  ['/v1/files?action=x', 400, 'invalid action "x"'],
  ['/v1/logs?follow=x', 400, 'follow parameter must be "true" or "false"'],
  ['/v1/logs?n=x', 400, 'n must be -1, 0, or a positive integer'],
  ['/v1/notices/77', 404, 'cannot find notice with ID "77"'],
  ['/v1/notices?users=x', 400, 'invalid "users" filter: must be "all"'],
];

const full: Layer = {
  services: {
    web: {
      override: 'replace',
      command: 'sh -c "x [ y ]"',
      summary: 'a: b',
      description: 'two\nlines\n',
      startup: 'enabled',
      after: ['db'],
      before: ['z'],
      requires: ['db'],
      environment: {
        A: '1',
        B: 'yes',
        C: ' x ',
        D: '',
        E: "it's",
        F: '#x',
        G: 'tab\t"q"\\',
        H: 'é😀',
        I: '0x1F',
        J: '2026-11-22',
        K: '- a',
        L: 'a #b',
        'key: 1': '~',
      },
      'user-id': 0,
      user: 'root',
      'group-id': 0,
      group: 'root',
      'working-dir': '/',
      'on-success': 'ignore',
      'on-failure': 'shutdown',
      'on-check-failure': { tcp: 'ignore' },
      'backoff-delay': '100ms',
      'backoff-factor': 1.5,
      'backoff-limit': '90s',
      'kill-delay': '1m',
    },
    db: { override: 'replace', command: 'x' },
  },
  checks: {
    tcp: {
      override: 'replace',
      level: 'alive',
      startup: 'disabled',
      period: '2s',
      timeout: '1s',
      threshold: 2,
      tcp: { host: '172.16.0.1', port: 53 },
    },
    http: { override: 'replace', startup: 'disabled', http: { url: 'http://x/', headers: { A: 'b' } } },
    exec: {
      override: 'replace',
      startup: 'disabled',
      exec: { command: 'x y', 'service-context': 'web', environment: { A: '1' } },
    },
  },
  'log-targets': {
    loki: { override: 'replace', type: 'loki', location: 'http://x', services: ['all', '-web'], labels: { a: 'b' } },
  },
};

/** Rows about single requests. */
export const requestBehaviours: readonly Behaviour[] = [
  {
    name: 'wrong requests are refused in the same words',
    async run(pebble) {
      for (const [path, json, status, message] of postRows) {
        const answer = await raw(pebble, 'POST', path, json);
        expect([JSON.stringify(json), answer.status, answer.type, answer.message]).toEqual([
          JSON.stringify(json),
          status,
          'error',
          message,
        ]);
      }
      for (const [path, status, message] of getRows) {
        const answer = await raw(pebble, 'GET', path);
        expect([path, answer.status, answer.message]).toEqual([path, status, message]);
      }
      expect((await pebble.client.plan()).services).toEqual({});
    },
  },
  {
    name: 'a layer with everything comes back in the plan, and lacks nothing there',
    async run(pebble) {
      await pebble.client.addLayer('full', full);
      expect(planDifference(await pebble.client.plan(), full)).toEqual([]);
    },
  },
  {
    name: 'a layer of the same label is joined: replaced and merged by entry',
    async run(pebble) {
      const { client } = pebble;
      await client.addLayer('l', {
        services: { a: { override: 'replace', command: 'x', environment: { A: '1' }, after: ['b'] } },
      });
      await client.addLayer('l', {
        services: { a: { override: 'merge', environment: { B: '2' }, after: ['c'], summary: 's' } },
      });
      expect((await client.plan()).services.a).toEqual({
        override: 'replace',
        command: 'x',
        environment: { A: '1', B: '2' },
        after: ['b', 'c'],
        summary: 's',
      });
      const again = client.addLayer('l', { services: {} }, { combine: false });
      await expect(again).rejects.toThrow('layer "l" already exists');
      await client.addLayer('m', { services: { a: { override: 'replace', command: 'y' } } });
      expect((await client.plan()).services.a).toEqual({ override: 'replace', command: 'y' });
    },
  },
];
