/** @module The house rules that a machine can hold: one-way dependencies, pure files, short files, no stray words. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

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
  const found = text(file).matchAll(/(?:^\s*(?:import|export|\}).*\bfrom\s+|^import\s+|\bimport\(\s*)'([^'.][^']*)'/gm);
  return [...found].map((match) => match[1] ?? '');
}

function ours(specifier: string): string | undefined {
  const match = /^(?:@vpn-k8s\/([a-z0-9-]+)|(vpn-k8s-lib))/.exec(specifier);
  return match?.[1] ?? match?.[2];
}

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(100);
});

/** Our packages that a file imports although its layer does not allow it. */
function crossings(file: string): string[] {
  const unit = unitOf(file);
  const allowed = file.startsWith('charms/') ? charm : layers[unit];
  if (!allowed) return [`${file}: package ${unit} has no layer; add it to tools/house.test.ts`];
  const permitted = isTest(file) ? [...allowed, ...kits] : allowed;
  const used = imports(file).map(ours);
  const wrong = used.filter((name) => name !== undefined && name !== unit && !permitted.includes(name));
  return wrong.map((name) => `${file} imports ${name}`);
}

test('dependencies point one way', () => {
  expect(sources.flatMap(crossings)).toEqual([]);
});

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifest = (folder: string) => JSON.parse(text(`${folder}/package.json`)) as Manifest;
const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
/** vitest, esbuild and the like, which the checkout has for all. */
const shared = Object.keys(manifest('.').devDependencies ?? {});

/** Packages that a file imports although neither its own package.json names them nor the root's among the tools. */
function unlisted(file: string): string[] {
  const { name, dependencies, devDependencies } = manifest(file.split('/').slice(0, 2).join('/'));
  const listed = [name, ...Object.keys({ ...dependencies, ...devDependencies }), ...shared];
  const used = new Set(
    imports(file)
      .filter((specifier) => !specifier.startsWith('node:'))
      .map(packageOf),
  );
  return [...used].filter((each) => !listed.includes(each)).map((each) => `${file} imports ${each}`);
}

test("what is imported is in the package's own package.json", () => {
  expect(sources.flatMap(unlisted)).toEqual([]);
});

/** Files of ours that a file imports by path, types too. */
function neighbours(file: string): string[] {
  const found = text(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
  return [...found].map((match) => join(file, '..', match[1] ?? ''));
}

/** The ways from a file that come back to a file on the way. */
function circles(file: string, way: readonly string[], done: Set<string>): string[] {
  if (way.includes(file)) return [[...way.slice(way.indexOf(file)), file].join(' -> ')];
  if (done.has(file)) return [];
  const found = neighbours(file).flatMap((next) => circles(next, [...way, file], done));
  done.add(file);
  return found;
}

test('no files import each other in a circle', () => {
  const done = new Set<string>();
  expect(sources.flatMap((file) => circles(file, [], done))).toEqual([]);
});

test('pure files import nothing that acts', () => {
  const pure = sources.filter((file) => !isTest(file) && /\/(desired|diff|status)\.ts$|packages\/net\//.test(file));
  const acting = (file: string) => imports(file).filter((name) => name.startsWith('node:') && name !== 'node:net');
  expect(pure.length).toBeGreaterThan(10);
  expect(pure.flatMap((file) => acting(file).map((name) => `${file} imports ${name}`))).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  expect([...sources, ...tools].filter((file) => text(file).split('\n').length > 401)).toEqual([]);
});

test('every file says first what it is', () => {
  const silent = [...sources, ...tools].filter(
    (file) => !isTest(file) && !/^(#!.*\n)?\/\*\*[\s*]*@module /.test(text(file)),
  );
  expect(silent).toEqual([]);
});

test('half of the files have at most about 100 lines', () => {
  const lengths = sources.map((file) => text(file).split('\n').length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
});
