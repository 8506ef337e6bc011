/** @module The stand-in writes plans letter for letter as the real Pebble does, but for the order of names, and the client reads both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlanYaml } from '@vpn-k8s/pebble';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { raw } from './behaviours/behaviour.ts';
import { buildPebble, whyNoPebble } from './build.ts';
import { anyLayer } from './plan/any-layer.ts';
import { type RunningPebble, startPebble } from './start.ts';

const why = whyNoPebble();

describe.skipIf(why !== undefined)(why === undefined ? 'plan text' : `plan text (left out: ${why})`, () => {
  let root: string;
  let both: RunningPebble[];

  beforeAll(async () => {
    await buildPebble();
    root = mkdtempSync(join(tmpdir(), 'pebble-plan-'));
    const programs = ['real', 'stand-in'] as const;
    both = await Promise.all(programs.map((program) => startPebble({ dir: join(root, program), program })));
  }, 300_000);

  afterAll(async () => {
    await Promise.all((both ?? []).map((pebble) => pebble.stop()));
    if (root) rmSync(root, { recursive: true, force: true });
  });

  test('any layer comes back as the same text, and reads as the YAML library reads it', async () => {
    let label = 0;
    await fc.assert(
      fc.asyncProperty(anyLayer, async (layer) => {
        label++;
        const texts = await Promise.all(both.map((pebble) => planText(pebble, `l${label}`, layer)));
        expect(linesOf(texts[1]!)).toEqual(linesOf(texts[0]!));
        expect(parsePlanYaml(texts[0]!)).toEqual(parse(texts[0]!, { version: '1.2' }) ?? {});
      }),
      { numRuns: 100 },
    );
  });
});

async function planText(pebble: RunningPebble, label: string, layer: object): Promise<string> {
  const json = { action: 'add', combine: true, label, format: 'yaml', layer: yamlText(layer) };
  const added = await raw(pebble, 'POST', '/v1/layers', json);
  expect(added.message).toBe('');
  return (await raw(pebble, 'GET', '/v1/plan?format=yaml')).result as string;
}

function linesOf(text: string): string[] {
  return text.split('\n').sort();
}

function yamlText(layer: object): string {
  return JSON.stringify(layer).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
