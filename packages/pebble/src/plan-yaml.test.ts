/** @module The plan reader reads what a full YAML library reads, and refuses what Pebble does not write. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePlanYaml } from './plan-yaml.ts';

const char = fc.constantFrom(...'abz09 -:#\'"{}[]|>%@`&*!?,\\~\n\t./=$_é😀\u0007');
const text = fc.string({ unit: char, maxLength: 14 });
const key = fc.string({ unit: fc.constantFrom(...'abcXYZ019_.-/ :#'), minLength: 1, maxLength: 10 });
const entry = fc.record(
  {
    override: fc.constant('replace'),
    command: text,
    environment: fc.dictionary(key, text, { maxKeys: 4 }),
    after: fc.array(text, { maxLength: 3 }),
    'user-id': fc.nat(70_000),
    'backoff-factor': fc.constantFrom(1.5, 2, 1e21),
    'on-check-failure': fc.dictionary(key, fc.constant('restart'), { maxKeys: 2 }),
  },
  { requiredKeys: ['override'] },
);
const plan = fc.record({ services: fc.dictionary(key, entry, { maxKeys: 3 }) });

test('reads what the YAML library reads, in the two layouts of sequences', () => {
  fc.assert(
    fc.property(plan, fc.boolean(), (value, indentSeq) => {
      // Literal blocks as Go writes them; the library otherwise folds or quotes at its own will.
      const written = stringify(value, {
        indent: 4,
        lineWidth: 0,
        indentSeq,
        version: '1.1',
        aliasDuplicateObjects: false,
      });
      fc.pre(!/[>] *[+-]?\d?$|\? /m.test(written));
      expect(parsePlanYaml(written)).toEqual(parse(written, { version: '1.2' }));
    }),
    { numRuns: 500 },
  );
});

test.each([
  { name: 'nothing', yaml: '', value: {} },
  { name: 'the empty plan', yaml: '{}\n', value: {} },
  {
    name: 'empty groups',
    yaml: 'checks:\n    a:\n        tcp: {}\n        exec: []\n',
    value: { checks: { a: { tcp: {}, exec: [] } } },
  },
  {
    name: 'numbers and booleans',
    yaml: 'a: 53\nb: 1.5\nc: true\nd: "53"\ne: 1m30s\nf: 08\n',
    value: { a: 53, b: 1.5, c: true, d: '53', e: '1m30s', f: '08' },
  },
  {
    name: 'quotes',
    yaml: `a: 'it''s'\nb: "\\L\\x7F\\u00e9\\U0001F600\\"\\\\"\n'k: 1': x\n"y": z\n`,
    value: { a: "it's", b: '\u2028\x7fé😀"\\', 'k: 1': 'x', y: 'z' },
  },
  {
    name: 'a literal',
    yaml: 'a:\n    b: |\n        one\n\n          two\n    c: d\n',
    value: { a: { b: 'one\n\n  two\n', c: 'd' } },
  },
  {
    name: 'a literal without end, one with more, one with an indent',
    yaml: 'a: |-\n    x\n    y\nb: |+\n    x\n\nc: |4\n      x\n',
    value: { a: 'x\ny', b: 'x\n\n', c: '  x\n' },
  },
  { name: 'a literal at the end with empty lines kept', yaml: 'a: |+\n    x\n\n\n', value: { a: 'x\n\n\n' } },
  { name: 'sequences of texts', yaml: 'a:\n    - x: y\n    - "- z"\n    - \'\'\n', value: { a: ['x: y', '- z', ''] } },
  { name: 'a key that is a trap', yaml: '__proto__:\n    a: b\n', value: JSON.parse('{"__proto__": {"a": "b"}}') },
])('reads $name', ({ yaml, value }) => {
  expect(parsePlanYaml(yaml)).toEqual(value);
});

test.each([
  { name: 'an anchor', yaml: 'a: &x b\n', line: 1 },
  { name: 'a tag', yaml: 'a:\n    b: !!binary x\n', line: 2 },
  { name: 'a folded text', yaml: 'a: >-\n    b\n', line: 1 },
  { name: 'a flow collection', yaml: 'a: {b: c}\n', line: 1 },
  { name: 'an open quote', yaml: 'a: "b\n', line: 1 },
  { name: 'a wrong indentation', yaml: 'a:\n        b: c\n    d: e\n', line: 3 },
  { name: 'a long key', yaml: '? aaa\n: b\n', line: 2 },
])('refuses $name and names its line', ({ yaml, line }) => {
  expect(() => parsePlanYaml(yaml)).toThrow(`Line ${line} of Pebble's plan`);
});
