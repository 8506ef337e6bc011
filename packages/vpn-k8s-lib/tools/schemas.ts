/** @module Writes interfaces/vpn-gateway/v1/*.schema.json from the parsers; run with `node packages/vpn-k8s-lib/tools/schemas.ts`. */
import { writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { providerSchema, requirerSchema, SCHEMA_VERSION } from '../src/relation/schema.ts';

/** Folder of the interface's published form. */
export const INTERFACE = new URL(`../../../interfaces/vpn-gateway/v${SCHEMA_VERSION}/`, import.meta.url);

/** The schemas by file name, as they are to be on disk. */
export function schemaFiles(): Record<string, string> {
  return {
    'provider.schema.json': schemaText(
      providerSchema,
      'vpn-gateway v1, provider',
      'What the gateway writes: key config of its application databag',
    ),
    'requirer.schema.json': schemaText(
      requirerSchema,
      'vpn-gateway v1, requirer',
      'What the client writes: key config of its application databag',
    ),
  };
}

function schemaText(schema: typeof providerSchema | typeof requirerSchema, title: string, description: string): string {
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: 'input' });
  return `${JSON.stringify({ $schema, title, description, ...rest }, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(new URL(name, INTERFACE), text);
}
