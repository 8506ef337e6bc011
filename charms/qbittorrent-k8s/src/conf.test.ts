/** @module qBittorrent.conf: our keys are set, everything else stays as it was. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confValue, mergeConf } from './conf.ts';

const values = { Preferences: { 'WebUI\\Port': '8080' }, BitTorrent: { 'Session\\Port': '6881' } };

test.each([
  { name: 'empty file', text: '', merged: '[Preferences]\nWebUI\\Port=8080\n\n[BitTorrent]\nSession\\Port=6881\n' },
  {
    name: 'a key is replaced in place and others stay',
    text: '[BitTorrent]\nSession\\Port=1\nSession\\Tags=a, b\n\n[Preferences]\nWebUI\\Port=9\nWebUI\\Username=me\n',
    merged:
      '[BitTorrent]\nSession\\Port=6881\nSession\\Tags=a, b\n\n[Preferences]\nWebUI\\Port=8080\nWebUI\\Username=me\n',
  },
  {
    name: 'unknown sections and values with an equals sign stay',
    text: '[RSS]\nX="a=b;c"\n[Preferences]\n[BitTorrent]\n',
    merged: '[RSS]\nX="a=b;c"\n\n[Preferences]\nWebUI\\Port=8080\n\n[BitTorrent]\nSession\\Port=6881\n',
  },
])('$name', ({ text, merged }) => {
  expect(mergeConf(text, values)).toBe(merged);
});

describe('properties', () => {
  const word = fc.stringMatching(/^[A-Za-z\\]{1,8}$/);
  const file = fc.dictionary(word, fc.dictionary(word, word));

  test('merging twice is merging once, and each value can be read back', () => {
    fc.assert(
      fc.property(file, file, (before, wanted) => {
        const once = mergeConf(mergeConf('', before), wanted);
        expect(mergeConf(once, wanted)).toBe(once);
        for (const [section, keys] of Object.entries(wanted)) {
          for (const [key, value] of Object.entries(keys)) expect(confValue(once, section, key)).toBe(value);
        }
      }),
    );
  });
});

test('a missing key has no value', () => {
  expect(confValue('[A]\nB=1\n', 'A', 'C')).toBeUndefined();
  expect(confValue('[A]\nB=1\n', 'X', 'B')).toBeUndefined();
});
