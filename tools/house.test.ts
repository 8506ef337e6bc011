/** @module The house rules that a machine can hold: one-way dependencies, pure files, short files, no stray words. */

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** What each package may import besides itself; a package that is not named here may import nothing of ours. */
const layers: Record<string, readonly string[]> = {
  juju: [],
  pebble: [],
  kube: [],
  net: [],
  charm: ['juju', 'pebble', 'kube'],
  'pebble-testing': ['pebble'],
  'kube-testing': ['kube'],
  'charm-testing': ['juju', 'pebble', 'kube', 'charm', 'pebble-testing', 'kube-testing'],
  'vpn-k8s-lib': ['juju', 'pebble', 'kube', 'net', 'charm'],
  lab: ['juju', 'pebble', 'kube', 'net', 'pebble-testing', 'kube-testing', 'charm-testing', 'vpn-k8s-lib'],
  cli: ['juju', 'pebble', 'kube', 'net', 'vpn-k8s-lib', 'lab'],
};
const charm = ['juju', 'pebble', 'kube', 'net', 'charm', 'vpn-k8s-lib'];

/** Kits that tests may import on top, since tests ship nowhere. */
const kits = ['charm-testing', 'kube-testing', 'pebble-testing', 'lab'];

const sources = globSync('{packages,charms}/*/{src,tests}/**/*.ts').sort();
const tools = globSync('tools/*.{ts,mjs}').sort();
const isTest = (file: string) => /\.test\.ts$|\/tests\/|\/fixtures\//.test(file);
const unitOf = (file: string) => file.split('/')[1] ?? '';
const text = (file: string) => readFileSync(file, 'utf8');

function imports(file: string): string[] {
  const found = text(file).matchAll(/(?:from|import)\s*\(?\s*'([^'.][^']*)'/g);
  return [...found].map((match) => match[1] ?? '');
}

function ours(specifier: string): string | undefined {
  const match = /^(?:@vpn-k8s\/([a-z0-9-]+)|(vpn-k8s-lib))/.exec(specifier);
  return match?.[1] ?? match?.[2];
}

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(100);
});

describe('one-way dependencies', () => {
  test.each(sources)('%s', (file) => {
    const unit = unitOf(file);
    const allowed = file.startsWith('charms/') ? charm : layers[unit];
    expect(allowed, `package ${unit} has no layer: add it to tools/house.test.ts`).toBeDefined();
    const used = imports(file)
      .map(ours)
      .filter((name) => name !== undefined && name !== unit);
    const permitted = isTest(file) ? [...(allowed ?? []), ...kits] : allowed;
    expect(used.filter((name) => !permitted?.includes(name as string))).toEqual([]);
  });
});

describe('pure files import nothing that acts', () => {
  const pure = sources.filter((file) => !isTest(file) && /\/(desired|diff|status)\.ts$|packages\/net\//.test(file));
  test.each(pure)('%s', (file) => {
    expect(imports(file).filter((name) => name.startsWith('node:') && name !== 'node:net')).toEqual([]);
  });
});

describe('files are short and say what they are', () => {
  test.each([...sources, ...tools])('%s', (file) => {
    expect(text(file).split('\n').length).toBeLessThanOrEqual(401);
    expect(text(file)).toMatch(/^(#!.*\n)?\/\*\*[\s*]*@module /);
  });
});

test('half of the files have at most about 100 lines', () => {
  const lengths = sources.map((file) => text(file).split('\n').length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
});
