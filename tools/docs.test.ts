/** @module What documentation must keep: pages that are named exist, links lead somewhere, every export says what it is. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const within = globSync('{docs,interfaces,packages,charms,tools}/**/*.{md,ts,mjs,sh,pl,json}', {
  exclude: ['**/node_modules/**', '**/dist/**'],
});
const files = [...globSync('*.{md,json}'), ...within].sort();
const pages = files.filter((file) => file.endsWith('.md'));
const sources = files.filter((file) => /^(packages|charms|tools)\/.*\.(ts|mjs|sh|pl)$/.test(file));
const text = (file: string) => readFileSync(file, 'utf8');
const names = new Set(pages.map((page) => basename(page)));

test('a page that is named without an address is there', () => {
  const named = (file: string) =>
    text(file)
      .replaceAll(/https?:\/\/\S+/g, '')
      .match(/\b[\w.-]+\.md\b/g) ?? [];
  const missing = (file: string) =>
    named(file)
      .filter((name) => !names.has(name))
      .map((name) => `${file}: ${name}`);
  expect(pages.length).toBeGreaterThan(20);
  expect([...pages, ...sources].flatMap(missing)).toEqual([]);
});

test('a link leads to a file or folder', () => {
  const links = (page: string) => [...text(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
  const dead = (page: string) => links(page).filter((to) => !existsSync(join(dirname(page), to)));
  expect(pages.flatMap(links).length).toBeGreaterThan(20);
  expect(pages.flatMap((page) => dead(page).map((to) => `${page}: ${to}`))).toEqual([]);
});

/** Exported declarations of a file without a comment that ends on the line above. */
function unsaid(file: string): string[] {
  const lines = text(file).split('\n');
  const declares = /^export (?:async |abstract )*(?:function\*?|class|interface|type(?= \w)|const|let) ?\w/;
  return lines.flatMap((line, at) =>
    declares.test(line) && !(lines[at - 1] ?? '').endsWith('*/') ? [`${file}:${at + 1} ${line.slice(0, 60)}`] : [],
  );
}

test('every export says what it is', () => {
  expect(sources.filter((file) => /\/src\/|^tools\//.test(file)).flatMap(unsaid)).toEqual([]);
});

test('every package says what it is', () => {
  const manifests = files.filter((file) => file.endsWith('package.json'));
  expect(manifests.length).toBeGreaterThan(10);
  expect(manifests.filter((file) => !JSON.parse(text(file)).description)).toEqual([]);
});
