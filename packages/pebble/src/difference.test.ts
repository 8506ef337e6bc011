/** @module A layer that is in force costs no write; anything else is named. */
import { expect, test } from 'vitest';
import { planDifference } from './difference.ts';
import type { Check, Service } from './layer.ts';

const base: Service = {
  override: 'replace',
  command: 'x',
  environment: { A: '1', B: '' },
  after: ['db'],
  'kill-delay': '90s',
  'user-id': 0,
};

function services(have: Service | undefined, want: Service): string[] {
  return planDifference(
    { services: have === undefined ? {} : { web: have }, checks: {}, 'log-targets': {} },
    { services: { web: want } },
  );
}

function checks(have: Check, want: Check): string[] {
  return planDifference({ services: {}, checks: { vpn: have }, 'log-targets': {} }, { checks: { vpn: want } });
}

test.each([
  { name: 'the same', have: base, difference: [] },
  {
    name: 'another order of fields and names',
    have: Object.fromEntries(Object.entries(base).reverse()) as Service,
    difference: [],
  },
  { name: 'the same duration written differently', have: { ...base, 'kill-delay': '1m30s' }, difference: [] },
  { name: 'empty fields', have: { ...base, summary: '', requires: [] }, difference: [] },
  { name: 'nothing', have: undefined, difference: ['+ service web'] },
  { name: 'another command', have: { ...base, command: 'y' }, difference: ['~ service web'] },
  { name: 'another duration', have: { ...base, 'kill-delay': '91s' }, difference: ['~ service web'] },
  { name: 'another variable', have: { ...base, environment: { A: '2', B: '' } }, difference: ['~ service web'] },
  { name: 'an empty variable missing', have: { ...base, environment: { A: '1' } }, difference: ['~ service web'] },
  { name: 'another order of after', have: { ...base, after: ['x', 'db'] }, difference: ['~ service web'] },
  { name: 'a field more', have: { ...base, 'working-dir': '/' }, difference: ['~ service web'] },
  { name: 'another user', have: { ...base, 'user-id': 1 }, difference: ['~ service web'] },
])('a plan with $name differs by $difference', ({ have, difference }) => {
  expect(services(have, base)).toEqual(difference);
});

const tcp: Check = { override: 'replace', period: '2s', tcp: { host: '172.16.0.1', port: 53 } };

test.each([
  { name: 'the default threshold shown', have: { ...tcp, threshold: 3 }, want: tcp, difference: [] },
  {
    name: 'another threshold',
    have: { ...tcp, threshold: 3 },
    want: { ...tcp, threshold: 2 },
    difference: ['~ check vpn'],
  },
  {
    name: 'another host',
    have: { ...tcp, tcp: { host: '172.16.0.2', port: 53 } },
    want: tcp,
    difference: ['~ check vpn'],
  },
  {
    name: 'another kind',
    have: { override: 'replace', period: '2s', http: {} } as Check,
    want: tcp,
    difference: ['~ check vpn'],
  },
])('a check with $name differs by $difference', ({ have, want, difference }) => {
  expect(checks(have, want)).toEqual(difference);
});

test('names of objects are no entries', () => {
  expect(planDifference({ services: {}, checks: {}, 'log-targets': {} }, { services: { toString: base } })).toEqual([
    '+ service toString',
  ]);
});
