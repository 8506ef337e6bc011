import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { INTERFACE, schemaFiles } from '../../tools/schemas.ts';
import { readClient } from './client.ts';
import { readGateway } from './gateway.ts';
import { providerSchema, requirerSchema } from './schema.ts';

const published = (name: string): string => readFileSync(new URL(name, INTERFACE), 'utf8');

test.each(Object.entries(schemaFiles()))(
  '%s is what the parsers say; else run: node packages/vpn-k8s-lib/tools/schemas.ts',
  (name, text) => expect(JSON.parse(published(name))).toEqual(JSON.parse(text)),
);

describe('examples', () => {
  const examples = readdirSync(new URL('examples/', INTERFACE));
  test('there are some of both sides', () => expect(examples.length).toBeGreaterThanOrEqual(4));
  test.each(examples.filter((name) => name.startsWith('provider')))('%s is taken', (name) =>
    expect(readGateway(published(`examples/${name}`))).toMatchObject({ kind: 'gateway' }),
  );
  test.each(examples.filter((name) => name.startsWith('requirer')))('%s is taken', (name) =>
    expect(readClient(published(`examples/${name}`))).toMatchObject({ kind: 'client' }),
  );
});

test('the README names every field', () => {
  const text = published('README.md');
  const fields = [...Object.keys(providerSchema.entries), ...Object.keys(requirerSchema.entries)];
  expect(fields.filter((field) => !text.includes(`\`${field}\``))).toEqual([]);
});
