/** @module The strategic merge against what the real kubectl made of the same patches. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json } from '../store/clone.ts';
import { strategicMerge } from './strategic.ts';

interface Recorded {
  readonly name: string;
  readonly original: Json;
  readonly patch: Json;
  readonly result?: Json;
  readonly error?: string;
}

const file = new URL('../../fixtures/strategic.json', import.meta.url);
const { cases, kubectl } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Recorded[]; kubectl: string };

const types: Readonly<Record<string, string>> = {
  StatefulSet: 'apps.v1.StatefulSet',
  Deployment: 'apps.v1.Deployment',
  Service: 'core.v1.Service',
  NetworkPolicy: 'networking.v1.NetworkPolicy',
};
const merge = ({ original, patch }: Recorded) =>
  strategicMerge(original, patch, { ref: types[String(original.kind)] ?? '' });

describe(`strategic merge as kubectl ${kubectl}`, () => {
  test.each(cases.filter(({ error }) => error === undefined))('$name', (recorded) => {
    expect(merge(recorded)).toEqual(recorded.result);
  });

  test.each(cases.filter(({ error }) => error !== undefined))('$name is refused', (recorded) => {
    const sentence = /(?:error: )?([^\n[]*)/.exec(recorded.error ?? '')?.[1]?.replace(/map: map$/, 'map: ') ?? '';
    expect(() => merge(recorded)).toThrow(sentence.trim());
  });
});
