/**
 * @module Any layer that Pebble takes, with texts that are hard to write in YAML; for property tests.
 *
 * Left out: U+0085, U+2028, U+2029 and U+FEFF, of which yaml.v3 writes text that it does not read back itself.
 */
import type { Layer } from '@vpn-k8s/pebble';
import fc from 'fast-check';

const unit = fc.constantFrom(...'abyn0159 -:#\'"{}[]|>%@`&*!?,\\~\n\t./=_eé😀\u0007\u00a0');
const words = fc.constantFrom(
  'yes',
  'No',
  'null',
  '~',
  'true',
  '0x1F',
  '0o7',
  '1_000',
  '1e3',
  '.5',
  '12:30',
  '2026-11-22',
  '.inf',
  '<<',
  '=',
  '- a',
  '---',
  'a: b',
  'a #b',
  '-1',
  '+1',
  '08',
  '1.',
  'y',
  'off',
);
const text = fc.oneof(fc.string({ unit, maxLength: 14 }), words);
const key = fc.string({ unit: fc.constantFrom(...'abYn019_.-/ :#'), minLength: 1, maxLength: 10 });

const service = fc.record(
  {
    override: fc.constant('replace' as const),
    command: fc.constantFrom('x', 'sh -c "a; b"', 'x [ y ]', "x 'it''s'"),
    summary: text,
    description: text,
    after: fc.array(key, { maxLength: 2 }),
    environment: fc.dictionary(fc.oneof(key, words), text, { maxKeys: 4, noNullPrototype: true }),
    'user-id': fc.nat(70_000),
    'working-dir': text,
    'on-check-failure': fc.dictionary(key, fc.constant('restart' as const), { maxKeys: 2, noNullPrototype: true }),
    'backoff-factor': fc.constantFrom(1, 1.5, 2.25),
    'kill-delay': fc.constantFrom('1m30s', '500ms', '0s', '1h0m0s'),
  },
  { requiredKeys: ['override', 'command'] },
);

const check = fc.record(
  {
    override: fc.constant('replace' as const),
    level: fc.constantFrom('alive' as const, 'ready' as const),
    startup: fc.constant('disabled' as const),
    period: fc.constantFrom('2s', '1m0s'),
    threshold: fc.integer({ min: 1, max: 9 }),
    http: fc.record({
      url: fc.constant('http://x/'),
      headers: fc.dictionary(key, text, { maxKeys: 2, noNullPrototype: true }),
    }),
  },
  { requiredKeys: ['override', 'startup', 'http', 'threshold'] },
);

/** Layers whose entries all say `override: replace` and that are valid. */
export const anyLayer: fc.Arbitrary<Layer> = fc.record({
  services: fc.dictionary(
    key.filter((name) => !name.startsWith('-')),
    service,
    { maxKeys: 2, noNullPrototype: true },
  ),
  checks: fc.dictionary(key, check, { maxKeys: 2, noNullPrototype: true }),
});
