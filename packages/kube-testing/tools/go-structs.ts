/** @module Reads from Go's struct tags which fields are left out of JSON when empty (`omitempty`, not a pointer). */
import { globSync, readFileSync } from 'node:fs';

interface Struct {
  readonly omitted: Set<string>;
  readonly inlined: string[];
}

const field = /^\s+(?:(\w+)\s+)?(\S+)\s+`json:"([^"]*)"/;

/** Names like `core.v1.Container.args`, of all structs in `types.go` files of the given module folders. */
export function goOmissions(modules: readonly string[]): Set<string> {
  const structs = new Map<string, Struct>();
  for (const module of modules) {
    for (const path of globSync('**/types*.go', { cwd: module })) {
      const [version, group] = path.split('/').slice(0, -1).reverse();
      readStructs(readFileSync(`${module}/${path}`, 'utf8'), `${group}.${version}`, structs);
    }
  }
  return new Set([...structs.keys()].flatMap((name) => [...resolve(name, structs)].map((each) => `${name}.${each}`)));
}

function readStructs(source: string, prefix: string, structs: Map<string, Struct>): void {
  let struct: Struct | undefined;
  for (const line of source.split('\n')) {
    const start = /^type (\w+) struct \{/.exec(line);
    if (start) struct = { omitted: new Set(), inlined: [] };
    if (start && struct) structs.set(`${prefix}.${start[1]}`, struct);
    const [, , type = '', tag = ''] = field.exec(line) ?? [];
    const [name = '', ...options] = tag.split(',');
    if (options.includes('inline') || (name === '' && type !== '')) struct?.inlined.push(`${prefix}.${type}`);
    else if (options.includes('omitempty') && !type.startsWith('*')) struct?.omitted.add(name);
  }
}

function resolve(name: string, structs: ReadonlyMap<string, Struct>): Set<string> {
  const struct = structs.get(name);
  const inlined = (struct?.inlined ?? []).flatMap((each) => [...resolve(each, structs)]);
  return new Set([...(struct?.omitted ?? []), ...inlined]);
}
