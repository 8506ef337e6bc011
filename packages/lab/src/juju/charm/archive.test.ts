import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { deploy } from '../model/operator.ts';
import { newModel } from '../model/state.ts';
import { packShellCharm } from '../testing.ts';
import { charmOf, readCharm } from './archive.ts';
import { actionParameters, checkValue, parseActions, parseOptions } from './options.ts';
import { readZip } from './zip.ts';

const dir = mkdtempSync(join(tmpdir(), 'charm-'));
const METADATA = 'name: x\nsummary: s\ndescription: d\n';
const MANIFEST = 'bases: [{name: ubuntu, channel: "24.04/stable", architectures: [arm64]}]\n';

async function zip(files: Readonly<Record<string, string>>, mode = 0o100644): Promise<Buffer> {
  const made = new ZipFile();
  for (const [path, text] of Object.entries(files)) made.addBuffer(Buffer.from(text), path, { mode });
  made.end();
  const chunks: Buffer[] = [];
  for await (const chunk of made.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('a zip keeps content, modes and links', async () => {
  const bytes = await zip({ a: 'text'.repeat(100), 'b/c': '' }, 0o100755);
  expect(readZip(bytes).map((e) => [e.path, e.mode, e.symlink, e.content().length])).toEqual([
    ['a', 0o755, false, 400],
    ['b/c', 0o755, false, 0],
  ]);
  expect(readZip(await zip({ link: 'a' }, 0o120777))[0]).toMatchObject({ symlink: true });
});

test('a packed charm is read with its base and options', async () => {
  const path = join(dir, 'alpha.charm');
  await packShellCharm(path, { name: 'alpha', user: 'non-root' });
  const charm = readCharm(path);
  expect(charm.metadata).toMatchObject({
    name: 'alpha',
    charmUser: 'non-root',
    containers: [{ name: 'web', resource: 'web-image' }],
  });
  expect(charm.options.word).toEqual({ type: 'string', default: 'hello', description: '' });
  expect(charmOf(await zip({ 'metadata.yaml': METADATA, 'manifest.yaml': MANIFEST, dispatch: '' }))).toMatchObject({
    base: { name: 'ubuntu', channel: '24.04' },
    architectures: ['arm64'],
  });
});

test.each([
  ['no metadata', { 'manifest.yaml': MANIFEST, dispatch: '' }, 'archive file "metadata.yaml" not found'],
  ['no manifest', { 'metadata.yaml': METADATA, dispatch: '' }, 'without bases in manifest'],
  [
    'a base that is no LTS',
    { 'metadata.yaml': METADATA, 'manifest.yaml': 'bases: [{name: ubuntu, channel: "23.10"}]', dispatch: '' },
    'ubuntu@23.10',
  ],
  ['nothing to run', { 'metadata.yaml': METADATA, 'manifest.yaml': MANIFEST }, 'charm must contain a dispatch file'],
  ['no summary', { 'metadata.yaml': 'name: x\n', 'manifest.yaml': MANIFEST, dispatch: '' }, 'summary: expected string'],
  [
    'min-juju-version',
    { 'metadata.yaml': `${METADATA}min-juju-version: 3.0\n`, 'manifest.yaml': MANIFEST, dispatch: '' },
    'use assumes',
  ],
  [
    'a container without its resource',
    { 'metadata.yaml': `${METADATA}containers: {web: {resource: image}}\n`, 'manifest.yaml': MANIFEST, dispatch: '' },
    'referenced resource "image" not found',
  ],
  [
    'a reserved uid',
    { 'metadata.yaml': `${METADATA}containers: {web: {uid: 1000}}\n`, 'manifest.yaml': MANIFEST, dispatch: '' },
    '1000-9999',
  ],
])('refused: %s', async (_name, files, why) => {
  const bytes = await zip(files);
  expect(() => charmOf(bytes)).toThrow(why);
});

test('refused: what is no local charm', () => {
  writeFileSync(join(dir, 'text.charm'), 'no zip at all, but long enough to look into');
  expect(() => readCharm('alpha')).toThrow('does not begin with . or /');
  expect(() => readCharm(dir)).toThrow('deploying from directory not supported');
  expect(() => readCharm(join(dir, 'text.charm'))).toThrow('not a valid zip');
  const bytes = Buffer.from(readFileSync(join(dir, 'text.charm')));
  expect(() => charmOf(bytes)).toThrow('not a valid zip');
});

test('deploy wants each image, and no mixture of image and file', async () => {
  const path = join(dir, 'beta.charm');
  await packShellCharm(path, { name: 'beta' });
  const charm = readCharm(path);
  const model = newModel('m', 'uuid');
  expect(() => deploy(model, charm, {})).toThrow('local charm missing OCI images for: [web-image]');
  expect(() => deploy(model, charm, { resources: { 'web-image': 'x', nope: 'y' } })).toThrow(
    'unrecognized resource "nope"',
  );
  expect(() => deploy(model, charm, { resources: { 'web-image': 'x' }, config: { nope: 1 } })).toThrow(
    'unknown option "nope"',
  );
});

const int = parseOptions({ options: { n: { type: 'int' }, s: { type: 'secret' }, b: { type: 'boolean' } } });
test.each([
  ['n', '7', 7],
  ['n', 7, 7],
  ['b', 'true', true],
  ['s', 'secret:0123456789abcdefghij', 'secret:0123456789abcdefghij'],
])('option %s takes %j', (name, value, kept) => {
  expect(checkValue(name, int[name]!, value)).toBe(kept);
});

test.each([
  ['n', 'x'],
  ['n', 1.5],
  ['b', 'yes'],
  ['s', 'plain text'],
])('option %s refuses %j', (name, value) => {
  expect(() => checkValue(name, int[name]!, value)).toThrow(`option "${name}" expected ${int[name]!.type}`);
});

test('parameters of an action: defaults, wrong types in the words of Juju, unknown and missing ones', () => {
  const { probe } = parseActions({
    probe: { params: { text: { type: 'string' }, count: { type: 'integer', default: 3 } }, required: ['text'] },
  });
  expect(actionParameters(probe!, { text: 'a' })).toEqual({ text: 'a', count: 3 });
  expect(() => actionParameters(probe!, { text: 'a', count: 'notint' })).toThrow(
    'validation failed: (root).count : must be of type integer, given "notint"',
  );
  expect(() => actionParameters(probe!, { text: 'a', other: 1 })).toThrow('additional property "other" is not allowed');
  expect(() => actionParameters(probe!, {})).toThrow('"text" property is missing');
  expect(() => parseActions({ 'juju-x': {} })).toThrow('reserved prefix');
});
