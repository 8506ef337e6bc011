/** @module Secrets travel in files that only the charm can read and that are gone afterwards. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HookToolError } from './run.ts';
import { secretAdd, secretId } from './secret.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'juju-'));
  vi.stubEnv('TMPDIR', dir);
  vi.stubEnv('PATH', `${dir}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** Puts a program in the place of secret-add that notes its arguments, the value and the modes around it. */
function standIn(end: string): void {
  const note = `echo "$@" > ${dir}/args; f="\${3#*=}"; cat "$f" > ${dir}/value; stat -c %a "$f" "$(dirname "$f")" > ${dir}/modes`;
  writeFileSync(join(dir, 'secret-add'), `#!/bin/sh\n${note}\n${end}\n`, { mode: 0o755 });
}

test('a value with newlines arrives whole, and not as an argument', () => {
  standIn('echo secret://f00d/cq8h1abcdefghijklm01');
  expect(secretAdd({ token: 'ge\nheim\n' }, { label: 'l' })).toBe('cq8h1abcdefghijklm01');
  expect(readFileSync(join(dir, 'args'), 'utf8')).toMatch(/^--label l token#file=\S+\n$/);
  expect(readFileSync(join(dir, 'value'), 'utf8')).toBe('ge\nheim\n');
  expect(readFileSync(join(dir, 'modes'), 'utf8')).toBe('600\n700\n');
  expect(readdirSync(dir).sort()).toEqual(['args', 'modes', 'secret-add', 'value']);
});

test('a refusal is a sentence without the value, and the files are gone too', () => {
  standIn('echo "ERROR this unit is not the leader" >&2; exit 1');
  const add = () => secretAdd({ token: 'geheim' }, { label: 'l' });
  expect(add).toThrow(HookToolError);
  expect(add).toThrow(/^secret-add --label l token#file=\S+ exited 1: this unit is not the leader$/);
  expect(readdirSync(dir).filter((name) => name.startsWith('secret-') && name !== 'secret-add')).toEqual([]);
});

test('outside of a hook there are no tools', () => {
  const sentence = 'secret-add: no such program on PATH; hook tools exist only inside a Juju hook';
  expect(() => secretAdd({ token: 'geheim' })).toThrow(sentence);
});

test.each(['secret://f00d/abc', 'secret:abc', 'secret:/abc', 'abc', ' abc\n'])('the id in "%s"', (uri) => {
  expect(secretId(uri)).toBe('abc');
});
